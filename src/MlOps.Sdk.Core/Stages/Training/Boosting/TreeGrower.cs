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
    private int[] _features;
    private int[] _dense;
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
        var length = bins.HistogramLength;
        _parts = new long[threads][];
        for (var part = 1; part < threads; part++) _parts[part] = new long[length];
        _spare = new long[length];
        _counts = hessiansCount ? [] : new int[length];
        _affordable = (int)Math.Clamp(MostHistogramBytes / Math.Max(1, length * 8L), 2, settings.Leaves + 1);
        _features = [.. Enumerable.Range(0, bins.FeatureCount)];
        _dense = _features[..bins.Width];
        Rows = new RowPartition(bins.RowCount, threads);
    }

    /// <summary>The rows by leaf, after a tree was grown.</summary>
    public RowPartition Rows { get; }

    /// <summary>Chooses the features of the following trees.</summary>
    public void TakeFeatures(double fraction, SeededRandom random)
    {
        _features = [.. Enumerable.Range(0, _bins.FeatureCount)];
        if (fraction < 1 && _features.Length > 0)
        {
            random.Shuffle(_features);
            _features = _features[..Math.Max(1, (int)Math.Ceiling(fraction * _bins.FeatureCount))];
            Array.Sort(_features);
        }

        _dense = _features[.._features.Count(feature => feature < _bins.Width)];
    }

    /// <summary>Grows a tree on the rows taken before.</summary>
    public GrownTree Grow(PackedGradients gradients)
    {
        _gradients = gradients;
        _search = new SplitSearch(gradients, _settings);
        var tree = new GrownTree();
        var root = new Leaf(0, 0, Rows.Count, 0);
        tree.Leaves.Add(root);
        if (CanSplit(root) && _features.Length > 0)
        {
            foreach (var row in Rows.Rows(root)) root.Total += gradients.Values[row];
            Build(root);
            Search(root);
        }

        while (tree.Leaves.Count < _settings.Leaves && Best(tree) is { } leaf)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var split = leaf.Best;
            var leftCount = Rows.Divide(leaf, _bins.Column(split.Slot), split, ZeroBin(split.Slot));
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
        foreach (var slot in _features)
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

    /// <summary>Sums the leaf's rows, into its own histogram, or into the spare one when memory is short.</summary>
    private void Build(Leaf leaf)
    {
        if (_free.Count == 0 && _affordable > 0)
        {
            _affordable--;
            _free.Push(new long[_spare.Length]);
        }

        leaf.Histogram = _free.Count > 0 ? _free.Pop() : null;
        var target = Kept(leaf);
        var perRow = _dense.Length + (_bins.Sparse?.EntryCount ?? 0) / _bins.RowCount;
        var parts = (long)leaf.Count * perRow < LeastParallel ? 1 : _threads;
        if (parts == 1) AddPart(leaf, 0, 1, target);
        else AddParts(leaf, parts, target);
        if (_bins.Sparse is not null) AddZeros(leaf, target);
    }

    private void AddParts(Leaf leaf, int parts, long[] target)
    {
        Parallel.For(
            0,
            parts,
            new ParallelOptions { MaxDegreeOfParallelism = _threads },
            part => AddPart(leaf, part, parts, part == 0 ? target : _parts[part]));
        foreach (var slot in _features)
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
        foreach (var slot in _features) FeatureOf(histogram, slot).Clear();
        var start = (int)((long)leaf.Count * part / parts);
        var end = (int)((long)leaf.Count * (part + 1) / parts);
        var rows = Rows.Rows(leaf)[start..end];
        if (_dense.Length == _bins.Width) Histogram.Add(_bins.ByRow, _bins.Width, _gradients.Values, rows, histogram);
        else Histogram.Add(_bins.ByRow, _bins.Width, _gradients.Values, rows, histogram, _dense);
        if (_bins.Sparse is not { } sparse) return;
        var sums = histogram.AsSpan(_bins.Width * Histogram.Stride);
        foreach (var row in rows)
        {
            var value = _gradients.Values[row];
            foreach (var entry in sparse.Row(row)) sums[entry] += value;
        }
    }

    // What no row of the leaf adds elsewhere is in the bin of 0.
    private void AddZeros(Leaf leaf, long[] histogram)
    {
        foreach (var feature in _features.AsSpan(_dense.Length))
        {
            var bins = FeatureOf(histogram, feature);
            var others = 0L;
            foreach (var sum in bins) others += sum;
            bins[ZeroBin(feature)] = leaf.Total - others;
        }
    }

    /// <summary>The bin of 0 of a sparse feature; -1 for a dense one.</summary>
    private int ZeroBin(int feature) => feature < _bins.Width ? -1 : _bins.Sparse!.ZeroBin(feature - _bins.Width);

    /// <summary>Finds the best split in the histogram built last.</summary>
    private void Search(Leaf leaf)
    {
        var histogram = Kept(leaf);
        var best = Split.None;
        var isCounted = !_hessiansCount && leaf.Count <= MostCounted;
        if (isCounted) CountRows(leaf);
        foreach (var slot in _features)
        {
            var counts = isCounted ? _counts.AsSpan(_bins.OffsetOf(slot), _bins.BinCount(slot)) : leaf.Counts?.GetValueOrDefault(slot);
            _search.Improve(slot, FeatureOf(histogram, slot), leaf.Total, leaf.Count, counts, ref best);
        }

        leaf.Best = best;
        if (best.Gain <= 0) Release(leaf);
    }

    private void CountRows(Leaf leaf)
    {
        foreach (var slot in _features) _counts.AsSpan(_bins.OffsetOf(slot), _bins.BinCount(slot)).Clear();
        foreach (var row in Rows.Rows(leaf))
        {
            var bins = _bins.ByRow.AsSpan(row * _bins.Width, _bins.Width);
            foreach (var slot in _dense) _counts[slot * Histogram.Stride + bins[slot]]++;
        }

        if (_bins.Sparse is not { } sparse) return;
        var counts = _counts.AsSpan(_bins.Width * Histogram.Stride);
        foreach (var row in Rows.Rows(leaf)) foreach (var entry in sparse.Row(row)) counts[entry]++;
        foreach (var feature in _features.AsSpan(_dense.Length))
        {
            var bins = _counts.AsSpan(_bins.OffsetOf(feature), _bins.BinCount(feature));
            var others = 0;
            foreach (var count in bins) others += count;
            bins[ZeroBin(feature)] = leaf.Count - others;
        }
    }

    private int[] CountRows(Leaf leaf, int slot)
    {
        var counts = new int[_bins.BinCount(slot)];
        foreach (var row in Rows.Rows(leaf)) counts[_bins.BinOf(row, slot)]++;
        return counts;
    }

    private long[] Kept(Leaf leaf) => leaf.Histogram ?? _spare;

    private Span<long> FeatureOf(long[] histogram, int slot) => histogram.AsSpan(_bins.OffsetOf(slot), _bins.BinCount(slot));

    private void Release(Leaf leaf)
    {
        if (leaf.Histogram is not null) _free.Push(leaf.Histogram);
        leaf.Histogram = null;
    }
}
