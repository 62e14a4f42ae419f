using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class CategoricalSplitTests
{
    private const int Rows = 4000;
    private const int Levels = 12;

    [TestCase(true, ExpectedResult = true)]
    [TestCase(false, ExpectedResult = false)]
    public bool Fit_SlotsOfOneGroup_SplitsBySetsOfLevels(bool isWanted)
    {
        var (features, labels) = Make();
        var view = new TrainingView(features, labels, default, TaskKind.BinaryClassification, 2, default);
        var fitted = new MLContext(1).BinaryClassification.Trainers
            .FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = 5, CategoricalSplit = isWanted, Seed = 1 })
            .Fit(view);

        return fitted.Model.SubModel.TrainedTreeEnsemble.Trees.Any(tree => tree.CategoricalSplitFlags.Contains(true));
    }

    [Test]
    public async Task TrainAsync_LevelsOfAColumn_GivesAModelThatPredictsByThem()
    {
        var (features, labels) = Make();
        using var model = await MicrosoftML.FastTree(o => (o.Trees, o.Leaves) = (1, 2)).TrainAsync(
            TrainingRows.Context(TaskKind.BinaryClassification, features, labels));
        using var without = await MicrosoftML.FastTree(o => (o.Trees, o.Leaves, o.CategoricalSplits) = (1, 2, false)).TrainAsync(
            TrainingRows.Context(TaskKind.BinaryClassification, features, labels));

        // Odd levels are positive: one split by a set of levels tells all of them, one by a level does not.
        Assert.That(Accuracy(model, features, labels), Is.GreaterThan(0.95));
        Assert.That(Accuracy(without, features, labels), Is.LessThan(0.7));
    }

    private static (FeatureMatrix Features, double[] Labels) Make()
    {
        var random = new Random(5);
        var values = new float[Rows * (Levels + 1)];
        var labels = new double[Rows];
        for (var row = 0; row < Rows; row++)
        {
            var level = random.Next(Levels);
            values[row] = (float)random.NextDouble();
            values[(1 + level) * Rows + row] = 1;
            labels[row] = level % 2;
        }

        FeatureSlot[] slots =
        [
            new("size", "size"),
            .. Enumerable.Range(0, Levels).Select(level => new FeatureSlot($"kind={level}", "kind", SlotKind.Level, "kind")),
        ];
        return (new FeatureMatrix(slots, Rows, values), labels);
    }

    private static double Accuracy(IModel model, FeatureMatrix features, double[] labels) =>
        TrainingRows.Predict(model, features).Zip(labels).Average(row => row.First > 0.5 == row.Second > 0.5 ? 1.0 : 0);
}
