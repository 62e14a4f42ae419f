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
    public void EqualOpportunity_GroupWithoutPositives_IsUndefinedNotZero()
    {
        var value = FairnessMetrics.EqualOpportunityDifference([1, 0, 0, 0], [1, 0, 0, 1], ["a", "a", "b", "b"]);
        Assert.That(value.IsDefined, Is.False);
        Assert.That(value.Undefined, Does.Contain("'b'"));
    }
}
