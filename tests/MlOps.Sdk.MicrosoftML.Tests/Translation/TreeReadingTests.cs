using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Trees that no training gives in a test, made and walked by the library's own code.</summary>
public sealed class TreeReadingTests
{
    private const int Width = 8;
    private const BindingFlags AnyMember = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Type LibraryTree =
        typeof(RegressionTreeBase).Assembly.GetType("Microsoft.ML.Trainers.FastTree.InternalRegressionTree", throwOnError: true)!;

    [Test]
    public void Read_OddTrees_LeadEveryRowToTheLeafOfTheLibrary([Range(1, 60)] int seed)
    {
        var random = new Random(seed);
        var tree = MakeTree(random, leaves: random.Next(2, 25));
        var score = TreeReading.Read([Wrap(tree)]);
        using var model = score.Build(new ModelSignature(TaskKind.Regression, Width, 1), [score], ScoreLink.Identity);
        var edges = score.Edges.ToLookup(edge => edge.Feature, edge => edge.Value);
        var output = new double[1];
        for (var i = 0; i < 500; i++)
        {
            var row = new float[Width];
            for (var j = 0; j < Width; j++)
            {
                var edge = edges[j].DefaultIfEmpty(0).ElementAt(random.Next(Math.Max(1, edges[j].Count())));
                row[j] = random.Next(9) switch
                {
                    0 => float.NaN,
                    1 => edge,
                    2 => float.BitDecrement(edge),
                    3 => float.PositiveInfinity,
                    4 => float.NegativeInfinity,
                    5 => -0f,
                    6 => float.MaxValue,
                    _ => (float)(random.NextDouble() * 4 - 2),
                };
            }

            // Where missing values alone are split off, the library does not do as was learned.
            if (score.Corrected.Any(feature => float.IsNaN(row[feature]))) continue;
            model.Predict(new FeatureBlock(row, Width), output, new PredictScratch());

            Assert.That(output[0], Is.EqualTo(Walk(tree, row)), $"[{string.Join(", ", row)}]");
        }
    }

    [Test]
    public void Read_TreesThatNeverGrew_AddNothing()
    {
        var empty = Activator.CreateInstance(LibraryTree, AnyMember, null, [2], null)!;
        // Set after a training, even where nothing grew.
        LibraryTree.GetProperty("RawThresholds")!.SetValue(empty, new float[1]);

        Assert.That(TreeReading.Read([Wrap(empty), Wrap(MakeTree(new Random(1), 3))]).Trees, Has.Count.EqualTo(1));
    }

    [TestCase(2f, 3f, 1)]
    [TestCase(2f, 2f, 0)]
    [TestCase(float.PositiveInfinity, float.PositiveInfinity, 1)]
    public void Read_SideOfMissingValues_IsTheOneThatWasLearned(float threshold, float missing, int leaf)
    {
        var score = TreeReading.Read([Wrap(Create(2, [0], [threshold], [missing], [~0], [~1], [false], [null]))]);
        using var model = score.Build(new ModelSignature(TaskKind.Regression, 1, 1), [score], ScoreLink.Identity);
        var output = new double[1];

        model.Predict(new FeatureBlock([float.NaN], 1), output, new PredictScratch());

        Assert.That(output[0], Is.EqualTo(leaf + 0.5));
        Assert.That(score.Corrected, float.IsFinite(threshold) ? Is.Empty : Is.EqualTo(new[] { 0 }));
    }

    [TestCase(20_000_000f)]
    [TestCase(-20_000_000f)]
    [TestCase(float.MaxValue)]
    public void Read_SideOfMissingValuesThatSinglePrecisionLost_IsRefused(float threshold) => Assert.That(
        () => TreeReading.Read([Wrap(Create(2, [0], [threshold], [threshold + 1], [~0], [~1], [false], [null]))]),
        Throws.TypeOf<NotTranslatableException>().With.Message.Contains("16,777,216"));

    private static object MakeTree(Random random, int leaves)
    {
        var nodes = leaves - 1;
        var (left, right) = (new int[nodes], new int[nodes]);
        var (nextNode, nextLeaf) = (1, 0);
        for (var node = 0; node < nodes; node++)
        {
            int Child()
            {
                var isOpen = nextNode > node + 1;
                return nextNode < nodes && (!isOpen || random.Next(2) == 0) ? nextNode++ : ~nextLeaf++;
            }

            (left[node], right[node]) = (Child(), Child());
        }

        var categorical = Enumerable.Range(0, nodes).Select(_ => random.Next(4) == 0).ToArray();
        var hasDefaults = random.Next(2) == 0;
        float Threshold() => random.Next(9) switch
        {
            0 => float.PositiveInfinity,
            // Beside sides for missing values they are refused.
            1 when !hasDefaults => float.NegativeInfinity,
            2 when !hasDefaults => float.MaxValue,
            3 => -0f,
            4 => float.NaN,
            _ => (float)(random.NextDouble() * 4 - 2),
        };
        int[] Categories() => [.. Enumerable.Range(0, Width).Where(_ => random.Next(3) == 0).DefaultIfEmpty(1)];
        var thresholds = Enumerable.Range(0, nodes).Select(_ => Threshold()).ToArray();
        return Create(
            leaves,
            [.. categorical.Select(isCategorical => isCategorical ? -1 : random.Next(Width))],
            thresholds,
            // As LightGBM's: the threshold to go left, more than it to go right, and nothing at categories.
            [.. thresholds.Select((t, i) => !hasDefaults || categorical[i] ? 0 : random.Next(2) == 0 ? t : t + 1)],
            left,
            right,
            categorical,
            [.. categorical.Select(isCategorical => isCategorical ? Categories() : null)]);
    }

    private static object Create(
        int leaves,
        int[] features,
        float[] thresholds,
        float[] missing,
        int[] left,
        int[] right,
        bool[] categorical,
        int[]?[] categories) =>
        LibraryTree.GetMethod("Create", AnyMember)!.Invoke(
            null,
            [
                leaves,
                features,
                new double[leaves - 1],
                thresholds,
                missing,
                left,
                right,
                Enumerable.Range(0, leaves).Select(i => i + 0.5).ToArray(),
                categories,
                categorical,
            ])!;

    private static RegressionTreeBase Wrap(object tree) => (RegressionTreeBase)Activator.CreateInstance(
        typeof(RegressionTree), AnyMember, null, [tree], null)!;

    private static double Walk(object tree, float[] row) => (double)LibraryTree
        .GetMethods()
        .Single(method => method.Name == "GetOutput"
            && method.GetParameters() is [{ ParameterType: var type }]
            && type == typeof(VBuffer<float>).MakeByRefType())
        .Invoke(tree, [new VBuffer<float>(row.Length, row)])!;
}
