namespace MlOps.Sdk.Features;

/// <summary>What stage 6 is asked to do.</summary>
internal sealed record FeaturePlan(IReadOnlyList<Func<IServiceProvider, IFeatureTransform>> Transforms, IReadOnlyList<string> Observed)
{
    /// <summary>
    /// Columns that identify a row or tell its group: recorded with every prediction so that feedback rows are recognized and groups
    /// counted, and neither watched for drift nor kept from the features.
    /// </summary>
    public IReadOnlyList<string> Recorded { get; init; } = [];

    /// <summary>Columns of which a later stage says something, and that the model therefore has to read.</summary>
    public IReadOnlyList<string> Checked { get; init; } = [];

    /// <summary>The column of row weights, which <c>Auto()</c> leaves out; <see langword="null"/> when there is none.</summary>
    public string? Weight { get; init; }
}
