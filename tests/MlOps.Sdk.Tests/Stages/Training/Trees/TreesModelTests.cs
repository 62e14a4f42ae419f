using System.Buffers.Binary;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Training.ModelFactoryTests;

namespace MlOps.Sdk.Tests.Training;

public sealed class TreesModelTests
{
    private static readonly ModelSignature Signature = new(TaskKind.Regression, 3, 1);

    [Test]
    public void Score_LeafMasksOfSets_EqualTheWalkToTheLastBit([Values(2, 7, 32, 33, 64, 65)] int leaves, [Values(1, 3)] int outputs)
    {
        var task = outputs == 1 ? TaskKind.BinaryClassification : TaskKind.MulticlassClassification;
        var random = new Random(leaves);
        var trees = Enumerable.Range(0, 37)
            .Select(_ => DescribedModel.Tree(random, leaves, 12, sets: true, random.Next(outputs)))
            .ToArray();
        var link = outputs == 1 ? ScoreLink.Logistic : ScoreLink.Softmax;
        using var model = (TreesModel)ModelFactory.Trees(new ModelSignature(task, 12, outputs), trees, new double[outputs], link);
        var ensemble = model.Trees;
        var (scored, walked) = (new double[outputs], new double[outputs]);

        Assert.That(ensemble.IsTabulated, Is.EqualTo(leaves <= 64));
        foreach (var row in DescribedModel.Rows(2000, 12, seed: 6))
        {
            ensemble.Score(row, scored);
            ensemble.Walk(row, walked);

            Assert.That(scored, Is.EqualTo(walked));
        }
    }

    [Test]
    public void Trees_ThresholdsAtTheirBounds_GoRightFromTheThresholdOn()
    {
        static double Predict(float threshold, float value) => DescribedModel.Predict(
            ModelFactory.Trees(Signature, [new([TreeSplit.Below(1, threshold, ~0, ~1)], [-1, 1])], [0], ScoreLink.Identity),
            [float.NaN, value, float.NaN])[0];

        Assert.That(Predict(0.5f, 0.5f), Is.EqualTo(1));
        Assert.That(Predict(0.5f, float.BitDecrement(0.5f)), Is.EqualTo(-1));
        Assert.That(Predict(float.BitIncrement(0f), -0f), Is.EqualTo(-1));
        Assert.That(Predict(float.BitIncrement(0f), float.Epsilon), Is.EqualTo(1));
        Assert.That(Predict(float.PositiveInfinity, float.MaxValue), Is.EqualTo(-1));
        Assert.That(Predict(float.PositiveInfinity, float.PositiveInfinity), Is.EqualTo(1));
        Assert.That(Predict(float.NegativeInfinity, float.NegativeInfinity), Is.EqualTo(1));
        Assert.That(Predict(float.NegativeInfinity, float.NaN), Is.EqualTo(-1));
    }

    [Test]
    public void Trees_ChainOfManySplits_IsBuiltSavedAndReadWithoutRecursion()
    {
        const int depth = 200_000;
        var splits = Enumerable.Range(0, depth)
            .Select(i => TreeSplit.Below(0, i, ~i, i + 1 < depth ? i + 1 : ~depth))
            .ToArray();
        using var model = ModelFactory.Trees(
            Signature, [new(splits, [.. Enumerable.Range(0, depth + 1).Select(i => (double)i)])], [0], ScoreLink.Identity);

        using var read = TrainingData.Load(model.FormatId, TrainingData.Save(model));

        Assert.That(DescribedModel.Predict(read, [123_455.5f, 0, 0])[0], Is.EqualTo(123_456));
        Assert.That(DescribedModel.Predict(read, [1e9f, 0, 0])[0], Is.EqualTo(depth));
    }

    private static readonly TestCaseData[] Impossible =
    [
        Case("1 splits and 1 leaves", new([TreeSplit.Below(0, 1, ~0, ~1)], [1])),
        Case("0 splits and 0 leaves", new([], [])),
        Case("no splits or no leaves", new(null!, [1])),
        Case("output 1", new([], [1], 1)),
        Case("output -1", new([], [1], -1)),
        Case("value NaN", new([], [double.NaN])),
        Case("value Infinity", new([TreeSplit.Below(0, 1, ~0, ~1)], [1, double.PositiveInfinity])),
        Case("feature 3", new([TreeSplit.Below(3, 1, ~0, ~1)], [1, 2])),
        Case("feature -1", new([TreeSplit.Missing(-1, ~0, ~1)], [1, 2])),
        Case("over no feature", new([TreeSplit.AnyOf([], ~0, ~1)], [1, 2])),
        Case("feature 7", new([TreeSplit.AnyOf([0, 7], ~0, ~1)], [1, 2])),
        Case("feature 2 twice", new([TreeSplit.AnyOf([2, 0, 2], ~0, ~1)], [1, 2])),
        Case("child split 1", new([TreeSplit.Below(0, 1, 1, ~1)], [1, 2])),
        Case("child leaf 2", new([TreeSplit.Below(0, 1, ~0, ~2)], [1, 2])),
        Case("child leaf 2147483647", new([TreeSplit.Below(0, 1, ~0, int.MinValue)], [1, 2])),
        Case("leaf 0 twice", new([TreeSplit.Below(0, 1, ~0, ~0)], [1, 2])),
        Case("split 0 twice", new([TreeSplit.Below(0, 1, 0, ~1)], [1, 2])),
        Case("split 0 twice", new([TreeSplit.Below(0, 1, 1, ~0), TreeSplit.Below(0, 2, ~1, 0)], [1, 2, 3])),
        Case("split 1 twice", new([TreeSplit.Below(0, 1, 1, 1), TreeSplit.Below(0, 2, ~1, ~0)], [1, 2, 3])),
        Case("not reached", new([TreeSplit.Below(0, 1, ~0, ~1), TreeSplit.Below(0, 2, 1, ~2)], [1, 2, 3])),
    ];

    [TestCaseSource(nameof(Impossible))]
    public void Trees_ImpossibleTree_FailsWithTheReason(string why, object tree) =>
        Assert.That(
            () => ModelFactory.Trees(Signature, [new([], [1]), (DecisionTree)tree], [0], ScoreLink.Identity),
            Refusal(why));

    [Test]
    public void Below_NoNumberAsThreshold_Fails() =>
        Assert.That(() => TreeSplit.Below(0, float.NaN, ~0, ~1), Refusal("is not a number"));

    [Test]
    public void Trees_MoreNodesThanAModelMayHave_FailsBeforeMemoryDoes()
    {
        // One list of splits stands for all trees; only what is built of it would be large.
        var tree = DescribedModel.Tree(new Random(1), 1 << 16, 3, sets: false, 0);

        Assert.That(
            () => ModelFactory.Trees(Signature, [.. Enumerable.Repeat(tree, 129)], [0], ScoreLink.Identity),
            Refusal("more than 16777216 nodes"));
    }

    [Test]
    public void Read_NodesThatNoSplitLeadsTo_IsDamaged()
    {
        var bytes = TrainingData.Save(
            ModelFactory.Trees(Signature, [new([TreeSplit.Missing(0, ~0, ~1)], [1, 2])], [0], ScoreLink.Identity));
        // A leaf takes nine bytes, this split five: the same nodes with the split last, where its children would be the split itself.
        byte[] moved = [.. bytes[..^23], .. bytes[^18..], .. bytes[^23..^18]];

        Assert.That(() => TrainingData.Load("mlops.trees/1", moved), Refusal("damaged"));
    }

    [Test]
    public void Read_CountsBeyondTheBytes_AllocatesLittle()
    {
        var bytes = TrainingData.Save(ModelFactory.Trees(Signature, [new([], [1])], [0], ScoreLink.Identity));
        // The number of nodes, before the last leaf.
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(bytes.Length - 13), int.MaxValue);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.That(() => TrainingData.Load("mlops.trees/1", bytes), Refusal("damaged"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    private static TestCaseData Case(string why, DecisionTree tree) => new(why, tree);
}
