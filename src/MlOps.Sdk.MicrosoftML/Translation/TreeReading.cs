using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Trees as the library walks them: left when <c>x &lt;= threshold</c>, a missing value counting as the node's value for it, or else going
/// right; at a categorical split, right when any of its features is above 0. Weights of trees and the bias of the ensemble, which the
/// library does not use when it predicts, are not used either.
/// </summary>
/// <remarks>
/// A node of LightGBM that sends missing values right has its threshold plus 1 as their value. In single precision that is the threshold
/// again where it is infinite, or beyond 2^24, and the library then sends them left, against what was learned. An infinite threshold
/// divides missing values from all others, so they go right here, other than in the library. Beyond 2^24 nothing distinguishes the two.
/// </remarks>
internal static class TreeReading
{
    public static TreesScore Read(IEnumerable<RegressionTreeBase> trees) =>
        new([.. trees.Where(tree => !IsEmpty(tree)).Select(Read)])
        {
            Corrected = [.. trees.Where(tree => !IsEmpty(tree)).SelectMany(CorrectedFeatures).Distinct()],
        };

    /// <summary>The features whose missing values the library sends to the wrong side somewhere.</summary>
    private static IEnumerable<int> CorrectedFeatures(RegressionTreeBase tree) => LibraryInternals.ValuesForMissing(tree) is { } missing
        ? Enumerable.Range(0, tree.NumberOfNodes)
            .Where(node => !tree.CategoricalSplitFlags[node]
                && float.IsPositiveInfinity(tree.NumericalSplitThresholds[node])
                && float.IsPositiveInfinity(missing[node]))
            .Select(node => tree.NumericalSplitFeatureIndexes[node])
        : [];

    /// <summary>A tree that never grew; its root is its own child, and it adds nothing.</summary>
    private static bool IsEmpty(RegressionTreeBase tree) => tree.NumberOfNodes == 0 || tree.LeftChild[0] == 0;

    private static DecisionTree Read(RegressionTreeBase tree)
    {
        var missing = LibraryInternals.ValuesForMissing(tree);
        var splits = new List<TreeSplit>();
        var leaves = new List<double>();
        // Nodes where all rows go one way are left out, with what hangs on their other side.
        var root = Skip(tree, missing, 0);
        if (root < 0) return new DecisionTree([], [tree.LeafValues[~root]]);
        var open = new Queue<(int Node, int Left, int Right)>();
        var placed = 0;
        Place(root);
        while (open.TryDequeue(out var at))
        {
            var (left, right) = (Place(at.Left), Place(at.Right));
            splits.Add(Split(tree, missing, at.Node, left, right));
        }

        return new DecisionTree(splits, leaves);

        int Place(int child)
        {
            if (child < 0)
            {
                leaves.Add(tree.LeafValues[~child]);
                return ~(leaves.Count - 1);
            }

            open.Enqueue((child, Skip(tree, missing, tree.LeftChild[child]), Skip(tree, missing, tree.RightChild[child])));
            return placed++;
        }
    }

    private static int Skip(RegressionTreeBase tree, float[]? missing, int child)
    {
        for (var steps = 0; child >= 0; steps++)
        {
            if (steps > tree.NumberOfNodes) throw new NotTranslatableException("A tree of the model has a cycle.");
            if (OnlyWay(tree, missing, child) is not { } right) return child;
            child = right ? tree.RightChild[child] : tree.LeftChild[child];
        }

        return child;
    }

    /// <summary>Whether all rows go right, or all left; <see langword="null"/> when it depends on the row.</summary>
    private static bool? OnlyWay(RegressionTreeBase tree, float[]? missing, int node)
    {
        if (tree.CategoricalSplitFlags[node])
        {
            if (missing is not null && missing[node] > 0)
            {
                throw new NotTranslatableException("A categorical split of the model treats missing values as one of its categories.");
            }

            return tree.GetCategoricalSplitFeaturesAt(node).Count == 0 ? false : null;
        }

        var threshold = tree.NumericalSplitThresholds[node];
        if (float.IsNaN(threshold)) return true;
        return float.IsPositiveInfinity(threshold) && missing is not null && float.IsFinite(missing[node]) ? false : null;
    }

    private static TreeSplit Split(RegressionTreeBase tree, float[]? missing, int node, int left, int right)
    {
        if (tree.CategoricalSplitFlags[node]) return TreeSplit.AnyOf([.. tree.GetCategoricalSplitFeaturesAt(node)], left, right);
        var feature = tree.NumericalSplitFeatureIndexes[node];
        var threshold = tree.NumericalSplitThresholds[node];
        // No number is above infinity; what goes right is missing.
        if (float.IsPositiveInfinity(threshold)) return TreeSplit.Missing(feature, left, right);
        return TreeSplit.Below(feature, float.BitIncrement(threshold), left, right, MissingRight(missing, node, threshold));
    }

    private static bool MissingRight(float[]? missing, int node, float threshold)
    {
        if (missing is null || !(missing[node] <= threshold)) return true;
        return missing[node] == threshold && threshold + 1 == threshold
            ? throw new NotTranslatableException(
                FormattableString.Invariant($"A split at {threshold} has learned a side for missing values, but single precision does ") +
                    "not store which: divide the feature so that it stays below 16,777,216, or fill its missing values.")
            : false;
    }
}
