namespace MlOps.Sdk.Collection;

/// <summary>A place in a source to go on from.</summary>
/// <param name="Row">The number of rows that come before.</param>
public sealed record Position(long Row);
