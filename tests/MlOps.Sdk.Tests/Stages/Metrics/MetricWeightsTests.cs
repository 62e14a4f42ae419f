using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Metrics.Evaluations;

namespace MlOps.Sdk.Tests.Metrics;

/// <summary>What weights mean to every built-in metric.</summary>
[TestFixtureSource(nameof(All))]
public sealed class MetricWeightsTests(IMetric metric)
{
    private static readonly IMetric[] All =
    [
        Metric.RocAuc, Metric.PrAuc, Metric.LogLoss, Metric.Brier, Metric.CalibrationError, Metric.Accuracy, Metric.BalancedAccuracy,
        Metric.Precision, Metric.Recall, Metric.F1, Metric.Mcc,
        Metric.Rmse, Metric.Mae, Metric.MedianAbsoluteError, Metric.Mape, Metric.R2,
        Fairness.SelectionRate("g", "a"), Fairness.DemographicParityDifference("g", 1), Fairness.DemographicParityRatio("g", 1),
        Fairness.EqualOpportunityDifference("g", 1), Fairness.EqualizedOddsDifference("g", 1),
    ];

    [Test]
    public void Needs_BuiltIn_SaysThatWeightsAreRead() => Assert.That(metric.Needs.HasFlag(MetricNeeds.Weights), Is.True);

    [Test]
    public void Compute_WholeWeightsOfAnyRows_MeanAsManyRows() =>
        Prop.ForAll<(byte Label, byte Score, byte Weight)[]>(drawn =>
        {
            foreach (var evaluation in Evaluate(drawn))
            {
                int[] times = [.. drawn.Select(row => row.Weight % 4 + 1)];
                int[] repeated = [.. times.SelectMany((many, row) => Enumerable.Repeat(row, many))];
                var found = metric.Compute(Weighted(evaluation, Array.ConvertAll(times, many => (double)many)));
                var expected = metric.Compute(evaluation.Take(repeated));
                if (found.Undefined != expected.Undefined) return false;
                if (found.IsDefined && !Close(found.Value, expected.Value)) return false;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [TestCase(1)]
    [TestCase(0.1)]
    [TestCase(1e300)]
    [TestCase(double.Epsilon)]
    public void Compute_EqualWeights_AreTheSameToTheBit(double weight)
    {
        foreach (var evaluation in new[] { Binary(90), Multiclass(60), Regression(40) })
        {
            double[] weights = [.. Enumerable.Repeat(weight, evaluation.RowCount)];
            Assert.That(metric.Compute(Weighted(evaluation, weights)), Is.EqualTo(metric.Compute(evaluation)));
        }
    }

    [TestCase(1e-7)]
    [TestCase(1e200)]
    [TestCase(1e307)]
    [TestCase(1e-300)]
    public void Compute_WeightsInAnotherUnit_AreTheSame(double unit)
    {
        foreach (var evaluation in new[] { Binary(90), Multiclass(60), Regression(40) })
        {
            double[] weights = [.. Enumerable.Range(0, evaluation.RowCount).Select(row => 1 + row % 7 * 0.3)];
            var expected = metric.Compute(Weighted(evaluation, weights));
            var found = metric.Compute(Weighted(evaluation, Array.ConvertAll(weights, weight => weight * unit)));
            Assert.That(found.Undefined, Is.EqualTo(expected.Undefined));
            if (expected.IsDefined) Assert.That(found.Value, Is.EqualTo(expected.Value).Within(1e-12 * Math.Abs(expected.Value)));
        }
    }

    private static bool Close(double found, double expected) => Math.Abs(found - expected) <= 1e-9 * Math.Max(1, Math.Abs(expected));

    private static Evaluation[] Evaluate((byte Label, byte Score, byte Weight)[] drawn) =>
    [
        new()
        {
            Task = TaskKind.BinaryClassification,
            Labels = Array.ConvertAll(drawn, row => (double)(row.Label % 2)),
            Scores = Array.ConvertAll(drawn, row => row.Score % 11 / 10.0),
            Groups = new Dictionary<string, IReadOnlyList<string?>>
            {
                ["g"] = Array.ConvertAll(drawn, row => (row.Label / 2 % 4) switch { 0 => null, 1 => "a", _ => "b" }),
            },
        },
        new()
        {
            Task = TaskKind.MulticlassClassification,
            ClassCount = 3,
            Labels = Array.ConvertAll(drawn, row => (double)(row.Label % 3)),
            Scores = drawn.SelectMany(row => new[] { row.Score % 5 / 10.0, (row.Score / 5) % 6 / 10.0 })
                .Chunk(2)
                .SelectMany(pair => new[] { pair[0], pair[1], 1 - pair[0] - pair[1] })
                .ToArray(),
        },
        new()
        {
            Task = TaskKind.Regression,
            ClassCount = 1,
            Labels = Array.ConvertAll(drawn, row => row.Label / 16.0),
            Scores = Array.ConvertAll(drawn, row => row.Score / 16.0),
        },
    ];
}
