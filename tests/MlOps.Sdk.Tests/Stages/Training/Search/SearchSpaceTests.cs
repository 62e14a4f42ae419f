using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public class SearchSpaceTests
{
    private readonly SearchSpace _space = new(Trainers.GradientBoosting());

    [Test]
    public void Sample_AllKinds_StaysInBoundsAndKeepsDefaults()
    {
        _space
            .LogUniform("learningRate", 0.01, 0.3)
            .Integer("leaves", 8, 12)
            .LogInteger("minLeafRows", 1, 100)
            .Uniform("l2", 0, 2)
            .Choice("maxBins", 63, 255)
            .Fix("trees", 10);

        var trials = Enumerable.Range(1, 500).Select(trial => _space.Sample(seed: 1, candidate: 0, trial)).ToArray();

        Assert.That(trials.Select(trial => trial["learningRate"].AsNumber()), Is.All.InRange(0.01, 0.3));
        Assert.That(trials.Count(trial => trial["learningRate"].AsNumber() < Math.Sqrt(0.01 * 0.3)), Is.InRange(200, 300));
        Assert.That(trials.Select(trial => trial["leaves"].AsNumber()).Distinct(), Is.EquivalentTo(new double[] { 8, 9, 10, 11, 12 }));
        Assert.That(
            trials.Select(trial => trial["minLeafRows"].AsNumber()),
            Is.All.InRange(1, 100).And.All.Matches<double>(value => value == Math.Floor(value)));
        Assert.That(trials.Select(trial => trial["maxBins"].AsNumber()).Distinct(), Is.EquivalentTo(new double[] { 63, 255 }));
        Assert.That(trials.Select(trial => trial["trees"].AsNumber()), Is.All.EqualTo(10));
        Assert.That(trials.Select(trial => trial["maxDepth"].AsNumber()), Is.All.EqualTo(0));
    }

    [Test]
    public void Sample_OtherHyperparametersAdded_DoesNotChangeAValue()
    {
        _space.Uniform("l2", 0, 2);
        var alone = _space.Sample(3, 1, 7)["l2"];
        _space.Integer("leaves", 2, 99);

        Assert.That(_space.Sample(3, 1, 7)["l2"], Is.EqualTo(alone));
        Assert.That(_space.Sample(3, 1, 8)["l2"], Is.Not.EqualTo(alone));
        Assert.That(_space.Sample(3, 2, 7)["l2"], Is.Not.EqualTo(alone));
        Assert.That(_space.Sample(4, 1, 7)["l2"], Is.Not.EqualTo(alone));
    }

    [Test]
    public void Uniform_UnknownName_ListsTheKnown() =>
        Assert.That(
            () => _space.Uniform("eta", 0, 1),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'eta'").And.Message.Contains("learningRate"));

    [Test]
    public void Integer_OutOfRange_NamesTheBounds() =>
        Assert.That(() => _space.Integer("leaves", 1, 50), Throws.TypeOf<MlOpsException>().With.Message.Contains("2 to 4096"));

    [Test]
    public void Methods_ImpossibleRanges_Fail()
    {
        Assert.That(() => _space.LogUniform("l2", 0, 1), Throws.TypeOf<MlOpsException>());
        Assert.That(() => _space.Uniform("l2", 2, 1), Throws.TypeOf<MlOpsException>());
        Assert.That(() => _space.Uniform("leaves", 2, 10), Throws.TypeOf<MlOpsException>().With.Message.Contains("Integer"));
        Assert.That(() => _space.Choice("leaves"), Throws.TypeOf<MlOpsException>());
        Assert.That(() => _space.Fix("leaves", 2.5), Throws.TypeOf<MlOpsException>());
        Assert.That(() => _space.Fix("l2", 1).Fix("l2", 2), Throws.TypeOf<MlOpsException>().With.Message.Contains("twice"));
    }
}
