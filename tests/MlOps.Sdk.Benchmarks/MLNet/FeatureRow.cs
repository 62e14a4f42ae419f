namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>A feature vector, as a <c>PredictionEngine</c> takes it.</summary>
internal sealed class FeatureRow
{
    public float[] Features { get; set; } = [];
}
