using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class FeatureBuilderTests
{
    private readonly FeatureBuilder _builder = new();
    private readonly List<string> _mistakes = [];

    [Test]
    public void Build_Nothing_IsAMistakeThatNamesTheVerbs()
    {
        _builder.Observe("gender").Build(_mistakes);

        Assert.That(_mistakes, Has.One.Contains("Auto(), Numeric(…), OneHot(…) or Apply(…)"));
    }

    [Test]
    public void Build_Everything_IsInThePlanInOrder()
    {
        var own = new OneHotTransform(["d"], 3);
        var plan = _builder
            .Auto(except: ["a", "b"])
            .Numeric(["a"], Imputation.Mean, standardize: false)
            .OneHot(["b", "c"], maxLevels: 7)
            .Apply(own)
            .Observe("gender", "age")
            .Observe("gender")
            .Build(_mistakes);
        var transforms = plan.Transforms.Select(create => create(PluginServices.None)).ToArray();

        Assert.That(_mistakes, Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(transforms.Select(transform => transform.GetType()), Is.EqualTo(new[]
            {
                typeof(AutoTransform), typeof(NumericTransform), typeof(OneHotTransform), typeof(OneHotTransform)
            }));
            Assert.That(transforms[1].Inputs, Is.EqualTo(new[] { "a" }));
            Assert.That(transforms[2].Inputs, Is.EqualTo(new[] { "b", "c" }));
            Assert.That(transforms[3], Is.SameAs(own));
            Assert.That(plan.Observed, Is.EqualTo(new[] { "gender", "age" }), "once each, in the order named");
            Assert.That(plan.Recorded, Is.Empty);
        });
    }

    [Test]
    public void Apply_Type_IsResolvedForEachRun()
    {
        var held = new OneHotTransform(["c"], 5);
        using var services = new ServiceCollection().AddSingleton(held).BuildServiceProvider();
        var create = _builder.Apply<OneHotTransform>().Build(_mistakes).Transforms.Single();

        Assert.That(create(services), Is.SameAs(held));
        Assert.That(() => create(PluginServices.None), Throws.TypeOf<MlOpsException>().With.Message.Contains(nameof(OneHotTransform)));
    }

    [Test]
    public void Verbs_WrongArguments_AreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.Apply(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Observe("gender", " "), Throws.ArgumentException.With.Property("ParamName").EqualTo("columns"));
        Assert.That(() => _builder.Observe("gender", null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Numeric([]), Throws.ArgumentException);
        Assert.That(() => _builder.OneHot([]), Throws.ArgumentException);
        Assert.That(() => _builder.OneHot(["c"], maxLevels: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _builder.Auto(maxLevels: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    });
}
