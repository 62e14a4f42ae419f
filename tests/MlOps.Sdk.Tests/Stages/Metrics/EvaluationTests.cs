using MlOps.Sdk.Metrics;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Metrics.Evaluations;

namespace MlOps.Sdk.Tests.Metrics;

public sealed class EvaluationTests
{
    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void Weights_NotFiniteAboveZero_NameTheRow(double weight) =>
        Assert.That(
            () => Weighted(Binary(3), [1, 2, weight]),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("row 2").And.Property("Remedy").Contains("above 0"));

    [Test]
    public void Weights_NotOnePerRow_AreRefusedAtFirstUse()
    {
        var evaluation = Weighted(Binary(3), [1, 2]);
        Assert.Multiple(() =>
        {
            Assert.That(() => evaluation.Weight(0), OneEach());
            Assert.That(() => evaluation.Take([0]), OneEach());
            Assert.That(() => Metric.RocAuc.Compute(evaluation), OneEach());
            Assert.That(() => Fairness.DemographicParityRatio("g").Compute(evaluation), OneEach());
            Assert.That(() => MetricIntervals.Compute(new Training.SquaredError(), evaluation), OneEach());
        });

        static NUnit.Framework.Constraints.Constraint OneEach() =>
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("3 rows have 2 weights");
    }

    [Test]
    public void Weight_WithoutWeights_IsOne()
    {
        Assert.That(Binary(3).Weight(2), Is.EqualTo(1));
        Assert.That(Weighted(Binary(3), [4, 5, 6]).Weight(2), Is.EqualTo(6));
    }

    [Test]
    public void Take_Rows_KeepTheirWeights()
    {
        var taken = Weighted(Multiclass(4), [4, 5, 6, 7]).Take([3, 0, 3]);
        Assert.That(taken.Weights.ToArray(), Is.EqualTo(new double[] { 7, 4, 7 }));
        Assert.That(taken.Take([]).Weights.Length, Is.Zero);
        Assert.That(Multiclass(4).Take([3, 0]).Weights.IsEmpty, Is.True);
    }
}
