namespace MlOps.Sdk.Training;

/// <summary>What the leaves of a tree add to the scores: Newton steps from the exact, not the packed, gradients.</summary>
internal static class LeafValues
{
    /// <summary>Sets the leaves' values and adds them to the scores of their rows.</summary>
    public static void Set(
        GrownTree tree, RowPartition rows, BoostingLoss loss, int output, GradientBoostingOptions settings, double[] scores, int threads)
    {
        // A leaf is summed by one thread in the order of its rows, so the sums do not depend on the number of threads.
        Parallel.For(0, tree.Leaves.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            var leaf = tree.Leaves[i];
            var value = Value(rows.Rows(leaf), loss, output * loss.RowCount, settings);
            tree.Nodes[leaf.Node] = new GrownNode { Value = value };
            Add(rows.Rows(leaf), value, scores.AsSpan(output * loss.RowCount, loss.RowCount));
        });
    }

    /// <summary>Adds the tree to the scores of those rows that it was not grown on.</summary>
    public static void AddOthers(GrownTree tree, BinnedMatrix bins, RowPartition rows, Span<double> scores)
    {
        var isGrownOn = new bool[bins.RowCount];
        foreach (var row in rows.Rows(0, rows.Count)) isGrownOn[row] = true;
        for (var row = 0; row < isGrownOn.Length; row++)
        {
            if (!isGrownOn[row]) scores[row] += tree.Nodes[tree.Find(bins, row)].Value;
        }
    }

    private static double Value(ReadOnlySpan<int> rows, BoostingLoss loss, int offset, GradientBoostingOptions settings)
    {
        double gradient = 0, hessian = 0;
        var gradients = loss.Gradients.AsSpan(offset, loss.RowCount);
        var hessians = loss.Hessians.AsSpan(offset, loss.RowCount);
        foreach (var row in rows)
        {
            gradient += gradients[row];
            hessian += hessians[row];
        }

        var denominator = hessian + settings.L2;
        return denominator > 0 ? -settings.LearningRate * gradient / denominator : 0;
    }

    private static void Add(ReadOnlySpan<int> rows, double value, Span<double> scores)
    {
        foreach (var row in rows) scores[row] += value;
    }
}
