using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// A bias and a weight per feature. The library adds up in single precision, the core in double precision; a weight of 0 reads nothing.
/// </summary>
internal sealed record LinearScore(float Bias, IReadOnlyList<float> Weights) : ScalarScore
{
    /// <summary>The relative error of one rounding to single precision.</summary>
    private const double Unit = 1.0 / (1 << 24);

    public override TranslationExactness Exactness => TranslationExactness.Rounding;

    public override string Parts => $"{Weights.Count} weights";

    public override IEnumerable<(int Feature, float Value)> Edges => [];

    public override int LeastWidth => Weights.Count;

    /// <remarks>Each product, each addition in any order, and the bias are rounded once (Higham 2002, §3.1).</remarks>
    public override double RoundingError(ReadOnlySpan<float> row)
    {
        var magnitude = Math.Abs((double)Bias);
        for (var j = 0; j < Weights.Count; j++) magnitude += Weights[j] == 0 ? 0 : Math.Abs((double)Weights[j] * row[j]);
        return (Weights.Count + 2) * Unit * magnitude;
    }

    public override double Sum(ReadOnlySpan<float> row)
    {
        double sum = Bias;
        for (var j = 0; j < Weights.Count; j++) sum += Weights[j] == 0 ? 0 : (double)Weights[j] * row[j];
        return sum;
    }

    public override IModel Build(ModelSignature signature, IReadOnlyList<ScalarScore> outputs, ScoreLink link) => ModelFactory.Linear(
        signature,
        [.. outputs.SelectMany(output => ((LinearScore)output).Weights.Select(weight => (double)weight))],
        [.. outputs.Select(output => (double)((LinearScore)output).Bias)],
        link);
}
