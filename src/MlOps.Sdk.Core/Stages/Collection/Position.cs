namespace MlOps.Sdk.Collection;

/// <summary>A place in a source to continue from.</summary>
/// <param name="Row">
/// The number of rows of the source that come before: those that were delivered, and those that were handed over as malformed and not kept.
/// </param>
public sealed record Position(long Row);
