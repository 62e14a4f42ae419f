using MlOps.Sdk.Collection;

namespace MlOps.Sdk.Processing;

/// <summary>A window of a stream, and what the steps made of it.</summary>
/// <param name="Window">The window as it came.</param>
/// <param name="Processed">What the steps made of its rows.</param>
public sealed record ProcessedWindow(StreamWindow Window, ProcessedRows Processed);
