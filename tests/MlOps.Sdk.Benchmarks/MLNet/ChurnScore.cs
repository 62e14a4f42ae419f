namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>What a <c>PredictionEngine</c> answers.</summary>
internal sealed class ChurnScore
{
    public float Probability { get; set; }
}
