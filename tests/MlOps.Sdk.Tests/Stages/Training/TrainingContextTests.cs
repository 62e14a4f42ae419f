using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

[TestFixture]
public sealed class TrainingContextTests
{
    [Test]
    public void Check_RowsThatFit_IsSilent() => Assert.That(
        () => Context(new CheckedTrainer(), validation: Held(new float[2], [1, 0])).Check(new CheckedTrainer()), Throws.Nothing);

    [Test]
    public void Check_WeightsOfATrainerThatTakesNone_AreRefused() => Assert.That(
        () => Context(new CheckedTrainer(), weights: [1, 2, 3]).Check(new CheckedTrainer(takesWeights: false)),
        Throws.InstanceOf<MlOpsException>().With.Message.Contains("does not support weights"));

    [Test]
    public void Check_ValidationRows_AreCheckedLikeTrainingRows()
    {
        Refuses(Held([1, float.NaN], [1, 0]), "The feature 'f' of validation row 1 is missing");
        Refuses(Held([1, 2], [1, 2]), "The label of validation row 1 is 2");
        Refuses(Held([1, 2], [1, 0], [1, -1]), "The weight of validation row 1 is -1");
    }

    [Test]
    public void Check_ValidationRowsThatDoNotFitEachOther_AreRefused()
    {
        RefusesArguments(Held([], []));
        RefusesArguments(Held([1, 2], [1]));
        RefusesArguments(Held([1, 2], [1, 0], [1]));
        RefusesArguments(new ValidationRows(new FeatureMatrix([new("f", "f"), new("g", "g")], 1, [1, 2]), new double[1], default));
    }

    [Test]
    public void Check_ValidationRowsOfATrainerThatIgnoresThem_AreNotLookedAt() => Assert.That(
        () => Context(new CheckedTrainer(), validation: Held([1, float.NaN], [1, 0])).Check(new CheckedTrainer(takesValidation: false)),
        Throws.Nothing);

    [Test]
    public void CheckClasses_OneClass_IsRefusedForClassifiersOnly()
    {
        var trainer = new CheckedTrainer();

        Assert.That(
            () => Context(trainer, labels: [1, 1, 1]).CheckClasses(trainer),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("one class"));
        Assert.That(() => Context(trainer).CheckClasses(trainer), Throws.Nothing);
        Assert.That(() => Context(trainer, TaskKind.Regression, [1, 1, 1]).CheckClasses(trainer), Throws.Nothing);
    }

    [Test]
    public void Check_NoTrainer_IsRefused()
    {
        Assert.That(() => Context(new CheckedTrainer()).Check(null!), Throws.ArgumentNullException);
        Assert.That(() => Context(new CheckedTrainer()).CheckClasses(null!), Throws.ArgumentNullException);
    }

    private static void Refuses(ValidationRows validation, string text) => Assert.That(
        () => Context(new CheckedTrainer(), validation: validation).Check(new CheckedTrainer()),
        Throws.InstanceOf<MlOpsException>().With.Message.Contains(text));

    private static void RefusesArguments(ValidationRows validation) => Assert.That(
        () => Context(new CheckedTrainer(), validation: validation).Check(new CheckedTrainer()), Throws.ArgumentException);

    private static ValidationRows Held(float[] values, double[] labels, double[]? weights = null) =>
        new(new FeatureMatrix([new("f", "f")], values.Length, values), labels, weights ?? []);

    private static TrainingContext Context(
        ITrainer trainer,
        TaskKind task = TaskKind.BinaryClassification,
        double[]? labels = null,
        double[]? weights = null,
        ValidationRows? validation = null) => new()
        {
            Task = task,
            Features = new FeatureMatrix([new("f", "f")], 3, [1, 2, 3]),
            Labels = labels ?? [0, 1, 1],
            Weights = weights ?? [],
            ClassCount = task == TaskKind.Regression ? 1 : 2,
            Validation = validation,
            Parameters = trainer.Hyperparameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Default),
        };

    private sealed class CheckedTrainer(bool takesWeights = true, bool takesValidation = true) : ITrainer
    {
        public string Name => "checked";

        public string Version => "1";

        public TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification, TaskKind.Regression])
        {
            Weights = takesWeights,
            ValidationRows = takesValidation,
        };

        public IReadOnlyList<Hyperparameter> Hyperparameters => [];

        public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
