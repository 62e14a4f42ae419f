using System.Text.Json;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;
using RangeAttribute = System.ComponentModel.DataAnnotations.RangeAttribute;

namespace MlOps.Sdk.Tests.Training;

[TestFixture]
public sealed class HyperparameterTests
{
    private enum Booster
    {
        GbDt,
        Dart,
    }

    [Test]
    public void ListOf_Options_DescribesEveryKind()
    {
        var list = Hyperparameter.ListOf(new SampleOptions { Trees = 7, Booster = Booster.Dart });

        Assert.Multiple(() =>
        {
            Assert.That(list.Select(h => h.Name), Is.EqualTo(new[] { "trees", "learningRate", "unbalancedSets", "booster" }));
            Assert.That(list.Select(h => h.Default.ToString()), Is.EqualTo(new[] { "7", "0.5", "false", "dart" }));
            Assert.That(((IntegerHyperparameter)list[0]).Maximum, Is.EqualTo(100));
            Assert.That(((ChoiceHyperparameter)list[3]).Choices, Is.EqualTo(new[] { "gbDt", "dart" }));
        });
    }

    [Test]
    public void ListOf_OptionsOutOfRange_ListsEveryMistake() =>
        Assert.That(
            () => Hyperparameter.ListOf(new SampleOptions { Trees = 0, LearningRate = double.NaN }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Trees is 0").And.Message.Contains("LearningRate is NaN"));

    [Test]
    public void ListOf_NumberWithoutRange_IsRefused() =>
        Assert.That(() => Hyperparameter.ListOf(new NoRange()), Throws.ArgumentException.With.Message.Contains("NoRange.Rate"));

    [Test]
    public void Options_FromParameters_SetsThemAndKeepsTheRest()
    {
        var defaults = new SampleOptions { Trees = 7, Note = "kept" };
        var context = Context(("learningRate", 0.25), ("booster", "DART"), ("unbalancedSets", true));

        var options = context.Options(defaults);

        Assert.That(
            (options.Trees, options.LearningRate, options.UnbalancedSets, options.Booster, options.Note),
            Is.EqualTo((7, 0.25, true, Booster.Dart, "kept")));
        Assert.That(defaults.LearningRate, Is.EqualTo(0.5));
    }

    [TestCase("trees", 2.5)]
    [TestCase("trees", 101.0)]
    [TestCase("learningRate", double.NaN)]
    [TestCase("learningRate", "fast")]
    [TestCase("unbalancedSets", 1.0)]
    [TestCase("booster", "rocket")]
    [TestCase("booster", true)]
    public void Options_ValueThatIsNotAllowed_SaysWhatIs(string name, object value)
    {
        HyperparameterValue given = value switch { double number => number, bool flag => flag, _ => (string)value };

        Assert.That(
            () => Context((name, given)).Options(new SampleOptions()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"'{name}'").And.Property("Remedy").Contains("default"));
    }

    [Test]
    public void Value_AsJson_ReadsBackTheSame()
    {
        HyperparameterValue[] values = [0.1, 31, true, false, "dart"];

        var json = JsonSerializer.Serialize(values);

        Assert.That(json, Is.EqualTo("""[0.1,31,true,false,"dart"]"""));
        Assert.That(JsonSerializer.Deserialize<HyperparameterValue[]>(json), Is.EqualTo(values));
        Assert.That(() => JsonSerializer.Deserialize<HyperparameterValue>("[1]"), Throws.TypeOf<JsonException>());
        Assert.That(() => JsonSerializer.Deserialize<HyperparameterValue>("null"), Throws.TypeOf<JsonException>());
    }

    [Test]
    public void Value_OfAnotherKind_IsRefused()
    {
        HyperparameterValue flag = true, number = 1.5, text = "dart";

        Assert.That(() => flag.AsNumber(), Throws.InvalidOperationException);
        Assert.That(() => number.AsInteger(), Throws.InvalidOperationException);
        Assert.That(() => number.AsBoolean(), Throws.InvalidOperationException);
        Assert.That(() => text.AsNumber(), Throws.InvalidOperationException);
        Assert.That(() => number.AsText(), Throws.InvalidOperationException);
        Assert.That((float)number, Is.EqualTo(1.5f));
    }

    [Test]
    public void Constructor_DefaultBeyondItsBounds_IsRefused()
    {
        Assert.That(() => new NumberHyperparameter("rate", 2, 0, 1), Throws.ArgumentException);
        Assert.That(() => new IntegerHyperparameter("trees", 0, 1, 9), Throws.ArgumentException);
        Assert.That(() => new ChoiceHyperparameter("booster", "rocket", "gbdt", "dart"), Throws.ArgumentException);
    }

    [Test]
    public void Handles_OfTheBuiltInTrainers_AreTheirHyperparameters()
    {
        Assert.That(Trainers.GradientBoosting().Hyperparameters, Does.Contain(GradientBoosting.Leaves).And.Contain(GradientBoosting.L2));
        Assert.That(Trainers.LogisticRegression().Hyperparameters, Is.EqualTo(new[] { LogisticRegression.L2 }));
        Assert.That(Trainers.LinearRegression().Hyperparameters, Is.EqualTo(new[] { LinearRegression.L2 }));
    }

    [Test]
    public void Search_ByHandle_IsTheSearchByName()
    {
        var byHandle = new SearchSpace(Trainers.GradientBoosting()).Integer(GradientBoosting.Leaves, 4, 16).Fix(GradientBoosting.Trees, 9);
        var byName = new SearchSpace(Trainers.GradientBoosting()).Integer("leaves", 4, 16).Fix("trees", 9);

        Assert.That(byHandle.Sample(1, 0, 3), Is.EqualTo(byName.Sample(1, 0, 3)));
    }

    private static TrainingContext Context(params (string Name, HyperparameterValue Value)[] parameters) => new()
    {
        Task = TaskKind.Regression,
        Features = TrainingData.Matrix([1f]),
        Labels = new[] { 1.0 },
        Parameters = parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value),
    };

    private sealed class SampleOptions
    {
        [Range(1, 100)]
        public int Trees { get; set; } = 10;

        [Range(0.01, 1.0)]
        public double LearningRate { get; set; } = 0.5;

        public bool UnbalancedSets { get; set; }

        public Booster Booster { get; set; }

        public string Note { get; set; } = "";
    }

    private sealed class NoRange
    {
        public double Rate { get; set; }
    }
}
