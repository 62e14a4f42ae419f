using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exploration;

[TestFixture]
public sealed class ExplorationBuilderTests
{
    private readonly ExplorationBuilder _builder = new();

    [Test]
    public void Build_Nothing_HasTheDefaults()
    {
        var plan = _builder.Build();

        Assert.That(plan.Hypotheses, Is.Empty);
        Assert.That(
            (plan.Alpha, plan.Correction, plan.PredictedAt), Is.EqualTo((0.05, Correction.BenjaminiHochberg, (string?)null)));
    }

    [Test]
    public void Build_Everything_IsInThePlan()
    {
        var plan = _builder
            .Test(new Held("first"))
            .Hypothesis("second", rows => rows.Rate("churn", "Yes").IsHigherWhere("contract", "monthly"))
            .SignificanceLevel(0.01, Correction.Holm)
            .PredictedAt("offered")
            .Build();

        Assert.That(plan.Hypotheses.Select(create => create(PluginServices.None).Name), Is.EqualTo(new[] { "first", "second" }));
        Assert.That(
            (plan.Alpha, plan.Correction, plan.PredictedAt),
            Is.EqualTo((0.01, Correction.Holm, "offered")));
    }

    [Test]
    public void Test_Type_IsResolvedForEachRun()
    {
        var held = new Held("held");
        using var services = new ServiceCollection().AddSingleton(held).BuildServiceProvider();
        var create = _builder.Test<Held>().Build().Hypotheses.Single();

        Assert.That(create(services), Is.SameAs(held));
        Assert.That(() => create(PluginServices.None), Throws.TypeOf<MlOpsException>().With.Message.Contains(nameof(Held)));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(-0.1)]
    [TestCase(double.NaN)]
    public void SignificanceLevel_NoneBetweenZeroAndOne_IsRefused(double level) => Assert.That(
        () => _builder.SignificanceLevel(level),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("level"));

    [Test]
    public void Verbs_NullOrEmpty_AreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.Test(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.PredictedAt(" "), Throws.ArgumentException);
        Assert.That(() => _builder.PredictedAt(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Hypothesis("", rows => rows.Rate("a", "b").IsHigherWhere("c", "d")), Throws.ArgumentException);
        Assert.That(() => _builder.Hypothesis("x", null!), Throws.ArgumentNullException);
    });

    private sealed class Held(string name) : IHypothesis
    {
        public string Name => name;

        public HypothesisResult Test(Dataset rows) => throw new NotSupportedException("No rows are read here.");
    }
}
