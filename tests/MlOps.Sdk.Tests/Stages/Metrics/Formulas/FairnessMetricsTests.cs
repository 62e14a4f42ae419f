using MlOps.Sdk.Metrics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Metrics;

public sealed class FairnessMetricsTests
{
    private static readonly double[] Labels = [1, 1, 0, 0, 1, 1, 0, 0, 1];
    private static readonly double[] Decisions = [1, 1, 1, 0, 1, 0, 0, 0, 1];
    private static readonly string?[] Groups = ["a", "a", "a", "a", "b", "b", "b", "b", null];

    [Test]
    public void Differences_TwoGroups_AreGapsOfRates()
    {
        Assert.That(FairnessMetrics.DemographicParityDifference(Decisions, Groups).Value, Is.EqualTo(0.5));
        Assert.That(FairnessMetrics.DemographicParityRatio(Decisions, Groups).Value, Is.EqualTo(1.0 / 3).Within(1e-15));
        Assert.That(FairnessMetrics.EqualOpportunityDifference(Labels, Decisions, Groups).Value, Is.EqualTo(0.5));
        Assert.That(FairnessMetrics.EqualizedOddsDifference(Labels, Decisions, Groups).Value, Is.EqualTo(0.5));
        Assert.That(FairnessMetrics.SelectionRate(Decisions, Groups, "b").Value, Is.EqualTo(0.25));
    }

    [Test]
    public void ByGroup_Weights_AreSummedAndRowsCounted()
    {
        double[] weights = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        var a = FairnessMetrics.ByGroup(Labels, Decisions, Groups, weights)[0];
        Assert.That((a.Count, a.Positives, a.Selected, a.TruePositives), Is.EqualTo((4L, 2L, 3L, 2L)));
        Assert.That(a.Weights, Is.EqualTo(new GroupWeights(3, 0, 3, 4)));
        Assert.That((a.SelectionRate, a.TruePositiveRate, a.FalsePositiveRate, a.Precision), Is.EqualTo((0.6, 1.0, 3 / 7.0, 0.5)));
        Assert.That(FairnessMetrics.ByGroup(Labels, Decisions, Groups)[0].Weights, Is.Null);
    }

    [Test]
    public void Differences_HeavyRowsOfASmallGroup_AreStillFew() =>
        Assert.That(
            FairnessMetrics.DemographicParityDifference(Decisions, Groups, 5, [1, 2, 30, 40, 50, 60, 70, 80, 90]).Undefined,
            Does.Contain("'a' (4)"));

    [Test]
    public void EqualOpportunity_GroupWithoutPositives_IsUndefinedNotZero()
    {
        var value = FairnessMetrics.EqualOpportunityDifference([1, 0, 0, 0], [1, 0, 0, 1], ["a", "a", "b", "b"]);
        Assert.That(value.IsDefined, Is.False);
        Assert.That(value.Undefined, Does.Contain("'b'"));
    }
}
