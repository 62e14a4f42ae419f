namespace MlOps.Sdk.Storage;

/// <summary>How many predictions there are, and how many of them have a label.</summary>
internal sealed class LabelCoverage
{
    public long Predictions { get; init; }

    public long Labelled { get; init; }
}
