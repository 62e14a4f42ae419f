using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Training;

/// <summary>Grows trees leaf by leaf: always the leaf whose split helps most. Reused from tree to tree; not thread-safe.</summary>
internal sealed class TreeGrower
{
    private const int LeastParallel = 200_000;

    /// <summary>
    /// Leaves of at most so many rows have them counted bin by bin; above, estimates by the hessians are good enough,
    /// and checked when a leaf is split.
    /// </summary>
    private const int MostCounted = 4096;
    private const long MostHistogramBytes = 1L << 30;

    private readonly BinnedMatrix _bins;
    private readonly GradientBoostingOptions _settings;
    private readonly int _threads;
    private readonly CancellationToken _cancellationToken;
    private readonly Stack<long[]> _free = new();
    private readonly long[][] _parts;
    private readonly long[] _spare;
    private readonly int[] _counts;
    private readonly bool _hessiansCount;
    private int _affordable;
    private int[] _slots;
    private PackedGradients _gradients = null!;
    private SplitSearch _search;

    public TreeGrower(
        BinnedMatrix bins, GradientBoostingOptions settings, bool hessiansCount, int threads, CancellationToken cancellationToken)
    {
        _hessiansCount = hessiansCount;
        _bins = bins;
        _settings = settings;
        _threads = threads;
        _cancellationToken = cancellationToken;
        var length = bins.Width * Histogram.Stride;
        _parts = new long[threads][];
        for (var part = 1; part < threads; part++) _parts[part] = new long[length];
        _spare = new long[length];
        _counts = hessiansCount ? [] : new int[length];
        _affordable = (int)Math.Clamp(MostHistogramBytes / (length * 8L), 2, settings.Leaves + 1);
        _slots = [.. Enumerable.Range(0, bins.Width)];
        Rows = new RowPartition(bins.RowCount, threads);
    }

    /// <summary>The rows by leaf, after a tree was grown.</summary>
    public RowPartition Rows { get; }

    /// <summary>Chooses the features of the following trees.</summary>
    public void TakeFeatures(double fraction, SeededRandom random)
    {
        _slots = [.. Enumerable.Range(0, _bins.Width)];
        if (fraction >= 1) return;
        random.Shuffle(_slots);
        _slots = _slots[..Math.Max(1, (int)Math.Ceiling(fraction * _bins.Width))];
        Array.Sort(_slots);
    }

    /// <summary>Grows a tree on the rows taken before.</summary>
    public GrownTree Grow(PackedGradients gradients)
    {
        _gradients = gradients;
        _search = new SplitSearch(gradients, _settings);
        var tree = new GrownTree();
        var root = new Leaf(0, 0, Rows.Count, 0);
        tree.Leaves.Add(root);
        if (CanSplit(root))
        {
            Build(root);
            foreach (var sum in FeatureOf(Kept(root), _slots[0])) root.Total += sum;
            Search(root);
        }

        while (tree.Leaves.Count < _settings.Leaves && Best(tree) is { } leaf)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var split = leaf.Best;
            var leftCount = Rows.Divide(leaf, _bins, split);
            if (leftCount < _settings.MinLeafRows || leaf.Count - leftCount < _settings.MinLeafRows)
            {
                // The hessians misled about the number of rows: count them, and look again.
                (leaf.Counts ??= [])[split.Slot] = CountRows(leaf, split.Slot);
                if (leaf.Histogram is null) Build(leaf);
                Search(leaf);
                continue;
            }

            Rows.Commit(leaf, leftCount);
            SplitLeaf(tree, leaf, leftCount, split);
        }

        foreach (var leaf in tree.Leaves) Release(leaf);
        return tree;
    }

    private void SplitLeaf(GrownTree tree, Leaf leaf, int leftCount, Split split)
    {
        var node = tree.Nodes.Count;
        tree.Nodes[leaf.Node] = new GrownNode(split.Slot, split.Bin, split.MissingLeft, node, 0);
        tree.Nodes.Add(new GrownNode());
        tree.Nodes.Add(new GrownNode());
        var left = new Leaf(node, leaf.Start, leftCount, leaf.Depth + 1) { Total = split.Left };
        var right = new Leaf(node + 1, leaf.Start + leftCount, leaf.Count - leftCount, leaf.Depth + 1) { Total = leaf.Total - split.Left };
        tree.Leaves[tree.Leaves.IndexOf(leaf)] = left;
        tree.Leaves.Add(right);
        if (tree.Leaves.Count < _settings.Leaves) SearchChildren(leaf, left, right);
        Release(leaf);
    }

    private void SearchChildren(Leaf parent, Leaf left, Leaf right)
    {
        var (small, large) = left.Count <= right.Count ? (left, right) : (right, left);
        if (!CanSplit(large)) return;
        if (parent.Histogram is null)
        {
            Build(large);
            Search(large);
            if (!CanSplit(small)) return;
            Build(small);
            Search(small);
            return;
        }

        Build(small);
        large.Histogram = parent.Histogram;
        parent.Histogram = null;
        foreach (var slot in _slots)
        {
            var from = FeatureOf(large.Histogram, slot);
            var less = FeatureOf(Kept(small), slot);
            for (var bin = 0; bin < from.Length; bin++) from[bin] -= less[bin];
        }

        if (CanSplit(small)) Search(small);
        else Release(small);
        Search(large);
    }

    private bool CanSplit(Leaf leaf) =>
        leaf.Count >= 2L * _settings.MinLeafRows && (_settings.MaxDepth == 0 || leaf.Depth < _settings.MaxDepth);

    private static Leaf? Best(GrownTree tree)
    {
        Leaf? best = null;
        foreach (var leaf in tree.Leaves)
        {
            if (leaf.Best.Gain > (best?.Best.Gain ?? 0)) best = leaf;
        }

        return best;
    }

    /// <summary>Sums the leaf's rows, into a histogram of its own, or into the spare one when memory is short.</summary>
    private void Build(Leaf leaf)
    {
        if (_free.Count == 0 && _affordable > 0)
        {
            _affordable--;
            _free.Push(new long[_spare.Length]);
        }

        leaf.Histogram = _free.Count > 0 ? _free.Pop() : null;
        var target = Kept(leaf);
        var parts = (long)leaf.Count * _slots.Length < LeastParallel ? 1 : _threads;
        if (parts == 1)
        {
            AddPart(leaf, 0, 1, target);
            return;
        }

        Parallel.For(
            0,
            parts,
            new ParallelOptions { MaxDegreeOfParallelism = _threads },
            part => AddPart(leaf, part, parts, part == 0 ? target : _parts[part]));
        foreach (var slot in _slots)
        {
            var to = FeatureOf(target, slot);
            for (var part = 1; part < parts; part++)
            {
                var more = FeatureOf(_parts[part], slot);
                for (var bin = 0; bin < to.Length; bin++) to[bin] += more[bin];
            }
        }
    }

    private void AddPart(Leaf leaf, int part, int parts, long[] histogram)
    {
        foreach (var slot in _slots) FeatureOf(histogram, slot).Clear();
        var start = (int)((long)leaf.Count * part / parts);
        var end = (int)((long)leaf.Count * (part + 1) / parts);
        var rows = Rows.Rows(leaf)[start..end];
        if (_slots.Length == _bins.Width) Histogram.Add(_bins.ByRow, _bins.Width, _gradients.Values, rows, histogram);
        else Histogram.Add(_bins.ByRow, _bins.Width, _gradients.Values, rows, histogram, _slots);
    }

    /// <summary>Finds the best split in the histogram built last.</summary>
    private void Search(Leaf leaf)
    {
        var histogram = Kept(leaf);
        var best = Split.None;
        var isCounted = !_hessiansCount && leaf.Count <= MostCounted;
        if (isCounted) CountRows(leaf);
        foreach (var slot in _slots)
        {
            var counts = isCounted ? _counts.AsSpan(slot * Histogram.Stride, _bins.BinCount(slot)) : leaf.Counts?.GetValueOrDefault(slot);
            _search.Improve(slot, FeatureOf(histogram, slot), leaf.Total, leaf.Count, counts, ref best);
        }

        leaf.Best = best;
        if (best.Gain <= 0) Release(leaf);
    }

    private void CountRows(Leaf leaf)
    {
        foreach (var slot in _slots) _counts.AsSpan(slot * Histogram.Stride, _bins.BinCount(slot)).Clear();
        foreach (var row in Rows.Rows(leaf))
        {
            var bins = _bins.ByRow.AsSpan(row * _bins.Width, _bins.Width);
            foreach (var slot in _slots) _counts[slot * Histogram.Stride + bins[slot]]++;
        }
    }

    private int[] CountRows(Leaf leaf, int slot)
    {
        var counts = new int[_bins.BinCount(slot)];
        var column = _bins.Column(slot);
        foreach (var row in Rows.Rows(leaf)) counts[column[row]]++;
        return counts;
    }

    private long[] Kept(Leaf leaf) => leaf.Histogram ?? _spare;

    private Span<long> FeatureOf(long[] histogram, int slot) => histogram.AsSpan(slot * Histogram.Stride, _bins.BinCount(slot));

    private void Release(Leaf leaf)
    {
        if (leaf.Histogram is not null) _free.Push(leaf.Histogram);
        leaf.Histogram = null;
    }
}
