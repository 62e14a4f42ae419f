using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Tests.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Metrics;

[TestFixture]
public sealed class MetricsBuilderTests
{
    private readonly MetricsBuilder _builder = new();
    private readonly List<string> _mistakes = [];

    [Test]
    public void Build_Nothing_IsAMistake()
    {
        Assert.That(_builder.Report(Metric.Accuracy).Build(null, _mistakes), Is.Null);
        Assert.That(_mistakes, Has.One.Contains("Optimize(Metric."));
    }

    [Test]
    public void Build_Everything_IsInThePlan()
    {
        var plan = _builder
            .Optimize(Metric.RocAuc, atLeast: 0.7)
            .Guard(Metric.Recall, atLeast: 0.5, atMost: 0.9)
            .Guard(Metric.LogLoss, atMost: 0.8)
            .Report(Metric.Brier, Metric.F1)
            .Build(TaskKind.BinaryClassification, _mistakes)!(PluginServices.None);

        Assert.That(_mistakes, Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(plan.Primary, Is.EqualTo(new MetricRequirement(Metric.RocAuc, 0.7)));
            Assert.That(plan.Guards, Is.EqualTo(new[]
            {
                new MetricRequirement(Metric.Recall, 0.5, 0.9), new MetricRequirement(Metric.LogLoss, AtMost: 0.8)
            }));
            Assert.That(plan.Reported, Is.EqualTo(new[] { Metric.Brier, Metric.F1 }));
            Assert.That(
                plan.All.Select(metric => metric.Name), Is.EqualTo(new[] { "roc_auc", "recall", "log_loss", "brier", "f1" }));
        });
    }

    [Test]
    public void IgnoringWeights_MetricsThatDoNotReadThem_AreNamed()
    {
        var plan = _builder
            .Optimize(Metric.RocAuc)
            .Guard(new Accuracy("of_a_team"), atLeast: 0.5)
            .Guard(Fairness.DemographicParityRatio("g"), atLeast: 0.8)
            .Report(Metric.Brier, new SquaredError())
            .Build(null, _mistakes)!(PluginServices.None);

        Assert.That(plan.IgnoringWeights.Select(metric => metric.Name), Is.EqualTo(new[] { "of_a_team", "squared_error" }));
    }

    [Test]
    public void All_MetricOfSeveralRoles_IsThereOnce()
    {
        var plan = _builder
            .Optimize(Metric.Recall)
            .Guard(Metric.Recall, atLeast: 0.5)
            .Report(Metric.Recall, Metric.Recall)
            .Build(null, _mistakes)!(PluginServices.None);

        Assert.That(plan.All, Has.Exactly(1).Items);
    }

    [Test]
    public void Build_MetricsOfAnotherTask_AreOneMistakeEach()
    {
        _builder
            .Optimize(Metric.Rmse).Guard(Metric.Mae, atMost: 3).Report(Metric.R2, Metric.R2, new Accuracy())
            .Build(TaskKind.BinaryClassification, _mistakes);

        Assert.That(_mistakes, Has.Count.EqualTo(3).And.One.Contains("'rmse'").And.One.Contains("'mae'").And.One.Contains("'r2'"));
        Assert.That(_mistakes, Has.All.Contains("only for Regression"));
    }

    [Test]
    public void Types_AllRoles_AreResolvedForEachRun()
    {
        var metric = new Accuracy();
        using var services = new ServiceCollection().AddSingleton(metric).BuildServiceProvider();
        var create = _builder
            .Optimize<Accuracy>(atLeast: 0.1).Guard<Accuracy>(atMost: 0.9).Report<Accuracy>().Build(TaskKind.Regression, _mistakes)!;

        var plan = create(services);

        Assert.That(_mistakes, Is.Empty, "what is resolved later says itself what it is for");
        Assert.That(plan.Primary, Is.EqualTo(new MetricRequirement(metric, 0.1)));
        Assert.That(plan.Guards.Single(), Is.EqualTo(new MetricRequirement(metric, AtMost: 0.9)));
        Assert.That(plan.Reported.Single(), Is.SameAs(metric));
        Assert.That(() => create(PluginServices.None), Throws.TypeOf<MlOpsException>().With.Message.Contains(nameof(Accuracy)));
    }

    [Test]
    public void Optimize_CalledTwice_IsAMistake()
    {
        _builder.Optimize(Metric.RocAuc).Optimize(Metric.PrAuc).Build(null, _mistakes);

        Assert.That(_mistakes.Single(), Does.Contain("Optimize twice").And.Contain("Guard or Report"));
    }

    [Test]
    public void Guard_SameMetricTwice_SaysToMergeTheLimits()
    {
        _builder.Optimize(Metric.RocAuc).Guard(Metric.Recall, atLeast: 0.5).Guard(Metric.Recall, atMost: 0.9).Build(null, _mistakes);

        Assert.That(_mistakes.Single(), Does.Contain("guards 'recall' twice").And.Contain("Merge"));
    }

    [Test]
    public void Optimize_TargetOnTheWrongSide_SaysWhichIsRight() => Assert.Multiple(() =>
    {
        Assert.That(
            () => _builder.Optimize(Metric.RocAuc, atMost: 0.8),
            Throws.ArgumentException.With.Message.Contains("atLeast").And.Property("ParamName").EqualTo("atMost"));
        Assert.That(
            () => _builder.Optimize(Metric.LogLoss, atLeast: 0.8),
            Throws.ArgumentException.With.Message.Contains("atMost").And.Property("ParamName").EqualTo("atLeast"));
    });

    [Test]
    public void Limits_OutsideTheValuesOfTheMetric_SayWhichItHas() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.Optimize(Metric.RocAuc, atLeast: 80), OutOfRange("atLeast", "between 0 and 1"));
        Assert.That(() => _builder.Guard(Metric.R2, atLeast: 1.5), OutOfRange("atLeast", "at most 1"));
        Assert.That(() => _builder.Guard(Metric.Rmse, atMost: -1), OutOfRange("atMost", "at least 0"));
        Assert.That(() => _builder.Guard(Metric.Mcc, atLeast: -1.5), OutOfRange("atLeast", "between -1 and 1"));
        Assert.That(() => _builder.Guard(Metric.Mcc, atLeast: -0.5), Throws.Nothing);
        Assert.That(() => _builder.Guard(new Accuracy(), atLeast: 80), Throws.Nothing, "what a metric of a team can be, only it knows");
    });

    [Test]
    public void Guard_WithoutALimitOrWithNone_IsRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.Guard(Metric.Recall), Throws.ArgumentException.With.Message.Contains("needs a limit"));
        Assert.That(() => _builder.Guard<Accuracy>(), Throws.ArgumentException.With.Message.Contains("needs a limit"));
        Assert.That(() => _builder.Guard(Metric.Recall, atLeast: double.NaN), Throws.ArgumentException);
        Assert.That(
            () => _builder.Guard(Metric.Recall, atLeast: 0.9, atMost: 0.5), Throws.ArgumentException.With.Message.Contains("above"));
        Assert.That(
            () => _builder.Optimize<Accuracy>(atLeast: 0.9, atMost: 0.5), Throws.ArgumentException.With.Message.Contains("above"));
    });

    [Test]
    public void Verbs_Null_AreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.Optimize(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Guard(null!, atLeast: 0.5), Throws.ArgumentNullException);
        Assert.That(() => _builder.Report(Metric.F1, null!), Throws.ArgumentNullException);
    });

    private static NUnit.Framework.Constraints.Constraint OutOfRange(string parameter, string says) =>
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(says).And.Property("ParamName").EqualTo(parameter);
}
