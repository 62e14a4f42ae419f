using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Metrics;

public sealed class FairnessTests
{
    private static readonly double[] Labels = [1, 1, 0, 0, 1, 1, 0, 0, 1];
    private static readonly double[] Decisions = [1, 1, 1, 0, 1, 0, 0, 0, 1];
    private static readonly string?[] Groups = ["a", "a", "a", "a", "b", "b", "b", "b", null];

    [Test]
    public void Metric_SmallGroups_AreNamedInTheReason()
    {
        var evaluation = Evaluation();
        var value = Fairness.EqualOpportunityDifference("sex").Compute(evaluation);
        Assert.That(value.Undefined, Does.Contain("'a' (4)").And.Contain("30"));
        Assert.That(Fairness.EqualOpportunityDifference("sex", minimumGroupSize: 2).Compute(evaluation).Value, Is.EqualTo(0.5));
    }

    [Test]
    public void Metric_UnknownAttribute_SaysWhatToDo() =>
        Assert.That(
            () => Fairness.DemographicParityDifference("age").Compute(Evaluation()),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("Protect"));

    [Test]
    public void Interval_FairnessMetric_ResamplesGroupsWithTheirRows()
    {
        var value = MetricIntervals.Compute(Fairness.DemographicParityDifference("g"), Evaluations.Binary(400), resamples: 100);
        Assert.That(value.HasInterval, Is.True);
        Assert.That(value.Upper, Is.GreaterThan(value.Lower));
    }

    private static Evaluation Evaluation() => new()
    {
        Task = TaskKind.BinaryClassification,
        Labels = Labels,
        Scores = Decisions,
        Groups = new Dictionary<string, IReadOnlyList<string?>> { ["sex"] = Groups },
    };
}
