using static System.FormattableString;

namespace MlOps.Sdk.Training;

/// <summary>From trees as they are described to an ensemble: every child is found, and found once.</summary>
internal static class DescribedTrees
{
    public static TreeEnsemble Assemble(ModelSignature signature, IReadOnlyList<DecisionTree> trees, double[] baseScores)
    {
        var assembly = new TreeAssembly(signature);
        for (var t = 0; t < trees.Count; t++)
        {
            var tree = trees[t];
            if (tree?.Splits is null || tree.Leaves is null)
            {
                throw new ImpossibleModelException(Invariant($"Tree {t} has no splits or no leaves."), "Each tree needs a list of both.");
            }

            Add(tree, t, assembly);
        }

        return assembly.Build(baseScores);
    }

    private static void Add(DecisionTree tree, int number, TreeAssembly assembly)
    {
        if (tree.Leaves.Count != (long)tree.Splits.Count + 1)
        {
            throw new ImpossibleModelException(
                Invariant($"Tree {number} has {tree.Splits.Count} splits and {tree.Leaves.Count} leaves."),
                "A tree has one leaf more than splits.");
        }

        assembly.Begin(tree.Output);
        var reachedSplits = new bool[tree.Splits.Count];
        var reachedLeaves = new bool[tree.Leaves.Count];
        // Level by level, with a queue rather than by recursion: a tree may be a chain as long as it is large.
        var open = new Queue<int>();
        open.Enqueue(Reach(tree.Splits.Count > 0 ? 0 : ~0));
        while (open.TryDequeue(out var child))
        {
            if (child < 0)
            {
                assembly.AddLeaf(tree.Leaves[~child]);
                continue;
            }

            var split = tree.Splits[child];
            if (split.Slots is { } slots) assembly.AddSet([.. slots]);
            else assembly.AddSplit(split.Feature, split.Threshold, split.MissingRight);
            open.Enqueue(Reach(split.Left));
            open.Enqueue(Reach(split.Right));
        }

        assembly.End();
        if (Array.IndexOf(reachedSplits, false) is >= 0 and var lost)
        {
            throw new ImpossibleModelException(
                Invariant($"Split {lost} of tree {number} is not reached from split 0."),
                "Every split except the first must be the child of exactly one split that is reached itself.");
        }

        int Reach(int child)
        {
            var reached = child < 0 ? reachedLeaves : reachedSplits;
            var index = child < 0 ? ~child : child;
            var kind = child < 0 ? "leaf" : "split";
            if (index >= reached.Length)
            {
                throw new ImpossibleModelException(
                    Invariant($"Tree {number} has a child {kind} {index}, and {reached.Length} of them (from 0 on)."),
                    "A child is the number of a split, or the complement (~) of the number of a leaf.");
            }

            if (reached[index])
            {
                throw new ImpossibleModelException(
                    Invariant($"Tree {number} reaches {kind} {index} twice."),
                    "Every split except the first, and every leaf, must be the child of exactly one split.");
            }

            reached[index] = true;
            return child;
        }
    }
}
