namespace MlOps.Sdk.Monitoring;

/// <summary>Decisions about one group of an attribute in a window.</summary>
/// <param name="Group">The attribute's value; <see langword="null"/> where it is missing.</param>
/// <param name="Rows">Predictions of the group.</param>
/// <param name="Positives">How many of them were decided positive.</param>
public sealed record GroupWindow(string? Group, long Rows, long Positives);
