namespace MlOps.Sdk.Collection;

/// <summary>How far a source has been read, so that a later reading begins behind it. What it says is known to the source alone.</summary>
/// <param name="Value">Text that the source understands; without secrets.</param>
public sealed record Watermark(string Value);
