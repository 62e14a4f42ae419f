using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

public sealed class GatesTests
{
    private static readonly IMetric Gap = Fairness.DemographicParityDifference("g");
    private static readonly IMetric Ratio = Fairness.DemographicParityRatio("g");

    [TestCase("roc_auc", 0.85, null, 0.9, 0.86, 0.95, true)]
    [TestCase("roc_auc", 0.85, null, 0.9, 0.84, 0.95, false, Description = "the lower bound of what should be high")]
    [TestCase("rmse", null, 2.0, 1.5, 0.5, 1.9, true)]
    [TestCase("rmse", null, 2.0, 1.5, 1.2, 2.1, false, Description = "the upper bound of what should be low")]
    [TestCase("demographic_parity_difference(g)", null, 0.1, 0.05, 0.0, 0.09, true)]
    [TestCase("demographic_parity_difference(g)", null, 0.1, 0.05, 0.0, 0.12, false)]
    [TestCase("demographic_parity_ratio(g)", 0.8, null, 0.9, 0.81, 1.0, true)]
    [TestCase("demographic_parity_ratio(g)", 0.8, null, 0.9, 0.7, 1.0, false)]
    [TestCase("calibration_error", null, 0.05, 0.06, 0.01, 0.04, true, Description = "the point of a small sample lies above its interval")]
    public void Judge_Target_ReadsTheUnfavourableBound(
        string name, double? atLeast, double? atMost, double value, double lower, double upper, bool passes)
    {
        var metric = new[] { Metric.RocAuc, Metric.Rmse, Metric.CalibrationError, Gap, Ratio }.Single(one => one.Name == name);
        var gate = Judge(new MetricPlan(new MetricRequirement(metric, atLeast, atMost), [], []), (metric, new(value, lower, upper)));
        Assert.That(gate.Outcome, Is.EqualTo(passes ? GateOutcome.Passed : GateOutcome.Failed));
        Assert.That(gate.Explanation, Does.Contain("bound of the 95 % interval"));
    }

    [TestCase(0.05, 0.0, 0.12, GateOutcome.Passed, "warning: the 95 % interval crosses it")]
    [TestCase(0.05, 0.01, 0.08, GateOutcome.Passed, "excludes equal treatment")]
    [TestCase(0.05, 0.0, 0.08, GateOutcome.Passed, "includes equal treatment: a largest difference is never smaller than 0")]
    [TestCase(0.12, 0.0, 0.2, GateOutcome.Failed, "includes equal treatment")]
    [TestCase(0.12, 0.03, 0.2, GateOutcome.Failed, "excludes equal treatment")]
    public void Judge_GuardOfAGap_ReadsThePointAndTellsWhatTheIntervalSays(
        double value, double lower, double upper, GateOutcome outcome, string says)
    {
        var gate = Judge(
            new MetricPlan(new MetricRequirement(Metric.RocAuc), [new MetricRequirement(Gap, AtMost: 0.1)], []),
            (Gap, new MetricValue(value, lower, upper)));
        Assert.That(gate.Outcome, Is.EqualTo(outcome));
        Assert.That(gate.Explanation, Does.Contain(says));
    }

    [Test]
    public void Judge_GuardOfARatio_TellsThatItIsNeverLargerThanOne()
    {
        var gate = Judge(
            new MetricPlan(new MetricRequirement(Metric.RocAuc), [new MetricRequirement(Ratio, AtLeast: 0.8)], []),
            (Ratio, new MetricValue(0.9, 0.85, 1)));
        Assert.That(gate.Explanation, Does.Contain("a smallest ratio is never larger than 1"));
    }

    [Test]
    public void Judge_TargetWithoutInterval_SaysThatThePointWasCompared()
    {
        var gate = Judge(new MetricPlan(new MetricRequirement(Metric.RocAuc, 0.8), [], []), (Metric.RocAuc, new MetricValue(0.9)));
        Assert.That(gate.Outcome, Is.EqualTo(GateOutcome.Passed));
        Assert.That(gate.Explanation, Does.Contain("has no interval").And.Not.Contain("unfavourable"));
    }

    [Test]
    public void Judge_GuardWithoutValue_FailsUnlessItSaysWhy()
    {
        var plan = new MetricPlan(new MetricRequirement(Metric.RocAuc), [new MetricRequirement(Gap, AtMost: 0.1)], []);

        var silent = Judge(plan, (Gap, new MetricValue(double.NaN)));
        var said = Judge(plan, (Gap, MetricValue.NotDefined("No group has 30 rows.")));

        Assert.That((silent.Outcome, said.Outcome), Is.EqualTo((GateOutcome.Failed, GateOutcome.NotApplicable)));
        Assert.That(silent.Explanation, Does.Contain("gives no reason"));
        Assert.That(said.Explanation, Does.Contain("No group has 30 rows."));
        var blessing = new Blessing("m", 1, "hash", DateTimeOffset.UnixEpoch, "ann", [said]);
        Assert.That(
            new TrialOutcome(Champion: null).Explain(blessing),
            Does.EndWith($" Not judged, because undefined on the holdout: {Gap.Name}."));
    }

    [Test]
    public void Judge_TargetWithBoundsInTheWrongOrder_ComparesThePoint()
    {
        var gate = Judge(
            new MetricPlan(new MetricRequirement(Metric.RocAuc, 0.9), [], []), (Metric.RocAuc, new MetricValue(0.8, 0.95, 0.7)));

        Assert.That(gate.Outcome, Is.EqualTo(GateOutcome.Failed));
    }

    private static GateResult Judge(MetricPlan plan, (IMetric Metric, MetricValue Value) measured)
    {
        var values = plan.All.ToDictionary(metric => metric.Name, _ => new MetricValue(0.9, 0.85, 0.95));
        values[measured.Metric.Name] = measured.Value;
        return new Gates(plan, new FormatReaders(), replacesIncomparable: false, "Replace()")
            .Judge([], values, new TrialOutcome(Champion: null))
            .Single(gate => gate.Name == measured.Metric.Name);
    }
}
