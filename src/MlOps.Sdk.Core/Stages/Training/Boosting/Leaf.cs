namespace MlOps.Sdk.Training;

/// <summary>A leaf of a growing tree.</summary>
internal sealed class Leaf(int node, int start, int count, int depth)
{
    /// <summary>The node of the tree.</summary>
    public int Node => node;

    /// <summary>Where its rows begin in the order of rows.</summary>
    public int Start => start;

    /// <summary>How many rows it has.</summary>
    public int Count => count;

    public int Depth => depth;

    /// <summary>The packed sum of its rows.</summary>
    public long Total { get; set; }

    /// <summary>The histogram; <see langword="null"/> when it was not kept.</summary>
    public long[]? Histogram { get; set; }

    /// <summary>The best split; without a gain when there is none.</summary>
    public Split Best { get; set; } = Split.None;

    /// <summary>Exact row counts of those features whose estimates proved wrong.</summary>
    public Dictionary<int, int[]>? Counts { get; set; }
}
