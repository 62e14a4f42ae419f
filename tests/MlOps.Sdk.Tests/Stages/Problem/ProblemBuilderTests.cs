using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Problem;

[TestFixture]
public sealed class ProblemBuilderTests
{
    private readonly ProblemBuilder _builder = new();
    private readonly List<string> _mistakes = [];

    [Test]
    public void Build_Nothing_IsAMistakeThatNamesTheVerbs()
    {
        Assert.That(_builder.Owner("me").Build(_mistakes), Is.Null);
        Assert.That(_mistakes, Has.One.Contains("BinaryClassification, MulticlassClassification or Regression"));
    }

    [Test]
    public void Build_Everything_IsInTheDefinition()
    {
        var definition = _builder
            .BinaryClassification("churn", "Yes")
            .Objective("Call whom it pays to call.")
            .Cost(1, 4)
            .Owner("retention")
            .Risk(RiskLevel.High)
            .Protect("gender", "age")
            .Protect("gender")
            .Baseline("Everybody is called.")
            .Build(_mistakes)!;

        Assert.That(_mistakes, Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(
                (definition.Task, definition.Label, definition.PositiveClass),
                Is.EqualTo((TaskKind.BinaryClassification, "churn", "Yes")));
            Assert.That(definition.Objective, Is.EqualTo("Call whom it pays to call."));
            Assert.That(definition.Costs, Is.EqualTo(new ErrorCosts(1, 4)));
            Assert.That((definition.Owner, definition.Risk), Is.EqualTo(("retention", RiskLevel.High)));
            Assert.That(definition.ProtectedAttributes, Is.EqualTo(new[] { "gender", "age" }), "once each, in the order named");
            Assert.That(definition.Baseline, Is.EqualTo("Everybody is called."));
        });
    }

    [Test]
    public void Build_OnlyTheTask_LeavesTheRestAtItsDefaults()
    {
        var definition = _builder.MulticlassClassification("species").Build(_mistakes)!;

        Assert.That(
            (definition.Task, definition.PositiveClass, definition.Costs, definition.Risk, definition.ProtectedAttributes.Count),
            Is.EqualTo((TaskKind.MulticlassClassification, (string?)null, (ErrorCosts?)null, RiskLevel.Minimal, 0)));
    }

    [Test]
    public void Build_CostsOfAnotherTaskAndTheLabelProtected_AreBothMistakes()
    {
        _builder.Regression("price").Cost(1, 1).Protect("price").Build(_mistakes);

        Assert.That(_mistakes, Has.Count.EqualTo(2).And.One.Contains("Cost is for binary classification").And.One.Contains("'price'"));
    }

    [Test]
    public void Task_NamedTwice_IsAMistake()
    {
        _builder.Regression("price").BinaryClassification("churn", "Yes").Build(_mistakes);

        Assert.That(_mistakes.Single(), Does.Contain("twice").And.Contain("Keep Regression or BinaryClassification"));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    public void Verbs_NoText_NameTheParameter(string? text) => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.BinaryClassification(text!, "Yes"), Refuses("label"));
        Assert.That(() => _builder.BinaryClassification("churn", text!), Refuses("positive"));
        Assert.That(() => _builder.MulticlassClassification(text!), Refuses("label"));
        Assert.That(() => _builder.Regression(text!), Refuses("label"));
        Assert.That(() => _builder.Objective(text!), Refuses("objective"));
        Assert.That(() => _builder.Owner(text!), Refuses("owner"));
        Assert.That(() => _builder.Protect("gender", text!), Refuses("attributes"));
        Assert.That(() => _builder.Baseline(text!), Refuses("description"));
    });

    [TestCase(-1, 1, "falsePositive")]
    [TestCase(double.NaN, 1, "falsePositive")]
    [TestCase(double.PositiveInfinity, 1, "falsePositive")]
    [TestCase(1, -1, "falseNegative")]
    [TestCase(1, double.NaN, "falseNegative")]
    [TestCase(0, 0, "falseNegative")]
    public void Cost_NotAFiniteShareOfTheHarm_NamesTheParameter(double falsePositive, double falseNegative, string parameter) =>
        Assert.That(() => _builder.Cost(falsePositive, falseNegative), Refuses(parameter));

    [Test]
    public void Cost_OneKindOfErrorIsFree_IsAccepted() =>
        Assert.That(_builder.BinaryClassification("y", "1").Cost(0, 2).Build(_mistakes)!.Costs, Is.EqualTo(new ErrorCosts(0, 2)));

    [Test]
    public void Risk_NotDefined_IsRefused() => Assert.That(() => _builder.Risk((RiskLevel)3), Refuses("risk"));

    private static NUnit.Framework.Constraints.Constraint Refuses(string parameter) =>
        Throws.InstanceOf<ArgumentException>().With.Property("ParamName").EqualTo(parameter);
}
