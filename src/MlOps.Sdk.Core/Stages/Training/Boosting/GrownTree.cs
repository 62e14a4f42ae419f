namespace MlOps.Sdk.Training;

/// <summary>A tree as it is grown: the children of a node stand side by side, behind it.</summary>
internal sealed class GrownTree
{
    /// <summary>The nodes; the first is the root.</summary>
    public List<GrownNode> Nodes { get; } = [new()];

    /// <summary>The leaves, with their rows.</summary>
    public List<Leaf> Leaves { get; } = [];

    /// <summary>Flattens grown trees.</summary>
    public static TreeEnsemble Flatten(IReadOnlyList<GrownTree> trees, BinnedMatrix bins, double[] baseScores)
    {
        var nodes = new TreeNode[trees.Sum(tree => tree.Nodes.Count)];
        var values = new double[nodes.Length];
        var roots = new int[trees.Count];
        var at = 0;
        for (var t = 0; t < roots.Length; t++)
        {
            roots[t] = at;
            foreach (var node in trees[t].Nodes)
            {
                values[at] = node.Value;
                // The last bin has no upper edge: all values go left, and only missing ones right.
                nodes[at] = node.IsLeaf
                    ? TreeNode.LeafAt(at)
                    : new TreeNode(
                        node.Bin <= bins.Edges(node.Slot).Length ? bins.Edges(node.Slot)[node.Bin - 1] : float.NaN,
                        bins.SlotOf(node.Slot),
                        roots[t] + node.Left,
                        node.MissingLeft ? 0 : 1);
                at++;
            }
        }

        return new TreeEnsemble(nodes, values, roots, baseScores);
    }

    /// <summary>The leaf node of a row.</summary>
    public int Find(BinnedMatrix bins, int row)
    {
        var at = 0;
        while (Nodes[at] is { IsLeaf: false } node)
        {
            var bin = bins.BinOf(row, node.Slot);
            at = node.Left + ((bin == BinnedMatrix.Missing ? node.MissingLeft : bin <= node.Bin) ? 0 : 1);
        }

        return at;
    }
}
