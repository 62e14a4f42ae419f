namespace MlOps.Sdk.Storage;

/// <summary>Predictions of a window that were answered under one generation of the route.</summary>
internal sealed class GenerationCount
{
    public long Generation { get; init; }

    public long Rows { get; init; }

    /// <summary>How many of them have a label.</summary>
    public long Labelled { get; init; }
}
