using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public class TreeEnsembleTests
{
    [Test]
    public async Task Score_LeafMasks_EqualTheWalkToTheLastBit(
        [Values(TaskKind.Regression, TaskKind.BinaryClassification, TaskKind.MulticlassClassification)] TaskKind task,
        [Values(2, 7, 32, 33, 64, 65)] int leaves,
        [Values] bool missing)
    {
        var trainer = Trainers.GradientBoosting();
        var context = TrainingData.Make(
            trainer, task, rows: 3000, missing: missing, parameters: [("trees", 37), ("leaves", leaves), ("minLeafRows", 3)]);
        using var model = (GradientBoostingModel)await trainer.TrainAsync(context);
        var (scored, walked) = (new double[model.Signature.Outputs], new double[model.Signature.Outputs]);
        var row = new float[context.Features.Width];
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            context.Features.CopyRows(i, 1, row);
            // Values that training never saw, in places: thresholds themselves, infinities, and missing where nothing was missing.
            if (i % 3 == 0) row[random.Next(row.Length)] = model.Trees.Nodes[random.Next(model.Trees.Nodes.Length)].Threshold;
            if (i % 5 == 0) row[random.Next(row.Length)] = i % 2 == 0 ? float.PositiveInfinity : float.NegativeInfinity;

            model.Trees.Score(row, scored);
            model.Trees.Walk(row, walked);

            Assert.That(scored, Is.EqualTo(walked));
        }
    }

    [Test]
    public void LeafMasks_TreesBeyondItsLimits_AreLeftToTheWalk()
    {
        // Chains to the left, as deep as a package may make them.
        static LeafMasks? Tabulate(int depth)
        {
            var nodes = new TreeNode[2 * depth + 1];
            for (var i = 0; i < depth; i++)
            {
                nodes[2 * i] = new TreeNode(i, 0, 2 * i + 1, 0);
                nodes[2 * i + 2] = TreeNode.LeafAt(2 * i + 2);
            }

            // Left children stand at odd places: swap the order so that the chain continues there.
            for (var i = 1; i < depth; i++)
            {
                (nodes[2 * i - 1], nodes[2 * i]) = (new TreeNode(i, 0, 2 * i + 1, 0), TreeNode.LeafAt(2 * i));
            }
            nodes[2 * depth - 1] = TreeNode.LeafAt(2 * depth - 1);
            return LeafMasks.Create(nodes, new double[nodes.Length], [0], [0], []);
        }

        Assert.That(Tabulate(31), Is.InstanceOf<LeafMasks<uint>>());
        Assert.That(Tabulate(32), Is.InstanceOf<LeafMasks<ulong>>());
        Assert.That(Tabulate(63), Is.InstanceOf<LeafMasks<ulong>>());
        Assert.That(Tabulate(64), Is.Null);
        Assert.That(Tabulate(1_000_000), Is.Null);
    }
}
