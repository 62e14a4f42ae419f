namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>What a <c>PredictionEngine</c> answers for several classes.</summary>
internal sealed class FeatureClasses
{
    public float[] Score { get; set; } = [];
}
