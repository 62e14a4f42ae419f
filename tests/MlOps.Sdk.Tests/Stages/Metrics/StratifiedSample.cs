using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Tests.Metrics;

/// <summary>
/// A sample of a population in which four of five rows are hard, drawn with as many easy rows as hard ones: weights make up for it. Scores
/// are normal, around 0 for negative rows and farther up for positive ones, so what a metric is in the population is known.
/// </summary>
internal sealed class StratifiedSample
{
    private const double HardShare = 0.8;
    private const double Hard = 0.5;
    private const double Easy = 2.5;
    private const double Threshold = 0.5;

    private readonly bool[] _hard;
    private readonly double[] _labels;
    private readonly double[] _weights;
    private readonly double[] _noise;

    public StratifiedSample(int rows, int seed)
    {
        var random = SeededRandom.For(seed, 1);
        (_hard, _labels, _weights, _noise) = (new bool[rows], new double[rows], new double[rows], new double[rows]);
        var scores = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            _hard[i] = random.Next(2) == 0;
            _labels[i] = random.Next(2);
            _weights[i] = _hard[i] ? 2 * HardShare : 2 * (1 - HardShare);
            scores[i] = _labels[i] * (_hard[i] ? Hard : Easy) + Normal(ref random);
            _noise[i] = Normal(ref random);
        }

        Uneven = Of(scores);
    }

    /// <summary>The answers of a model that tells easy rows better apart than hard ones.</summary>
    public Evaluation Uneven { get; }

    /// <summary>The answers of a model that tells all rows apart alike, and as well in the population by the metric.</summary>
    public Evaluation Even(string metric)
    {
        // The accuracy is the mean of Phi(threshold), for negative rows, and Phi(distance - threshold).
        var distance = metric == "roc_auc"
            ? Math.Sqrt(2) * Distribution.NormalQuantile(OfPopulation(metric))
            : Threshold + Distribution.NormalQuantile(2 * OfPopulation(metric) - Phi(Threshold));
        return Of([.. _labels.Select((label, i) => label * distance + _noise[i])]);
    }

    public static Evaluation WithoutWeights(Evaluation evaluation) => Evaluations.Weighted(evaluation, []);

    /// <summary>What a metric of the uneven model is in the population.</summary>
    public static double OfPopulation(string metric)
    {
        double found = Mean(distance => Phi(distance - Threshold)), alarms = 1 - Phi(Threshold);
        return metric switch
        {
            "roc_auc" => Mean(distance => Phi(distance / Math.Sqrt(2))),
            "accuracy" => (found + 1 - alarms) / 2,
            "recall" => found,
            "precision" => found / (found + alarms),
            "f1" => 2 * found / (1 + found + alarms),
            _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "Unknown."),
        };
    }

    private static double Mean(Func<double, double> ofDistance) => HardShare * ofDistance(Hard) + (1 - HardShare) * ofDistance(Easy);

    private static double Phi(double z) => Distribution.NormalP(z, Alternative.Less);

    private static double Normal(ref SeededRandom random) => Distribution.NormalQuantile((random.Next(1 << 30) + 0.5) / (1 << 30));

    private Evaluation Of(double[] scores) => new()
    {
        Task = TaskKind.BinaryClassification,
        Labels = _labels,
        Scores = scores,
        Threshold = Threshold,
        Weights = _weights,
    };
}
