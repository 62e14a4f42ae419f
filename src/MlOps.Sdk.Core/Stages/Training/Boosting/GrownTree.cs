namespace MlOps.Sdk.Training;

/// <summary>A tree as it is grown: the children of a node stand side by side, behind it.</summary>
internal sealed class GrownTree
{
    /// <summary>The nodes; the first is the root.</summary>
    public List<GrownNode> Nodes { get; } = [new()];

    /// <summary>The leaves, with their rows.</summary>
    public List<Leaf> Leaves { get; } = [];

    /// <summary>The leaf node of a row by its bins.</summary>
    public int Find(ReadOnlySpan<byte> bins)
    {
        var at = 0;
        while (Nodes[at] is { IsLeaf: false } node)
        {
            var bin = bins[node.Slot];
            at = node.Left + ((bin == BinnedMatrix.Missing ? node.MissingLeft : bin <= node.Bin) ? 0 : 1);
        }

        return at;
    }
}
