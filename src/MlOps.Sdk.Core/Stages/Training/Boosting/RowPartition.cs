using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Training;

/// <summary>The order of rows in which each leaf of a growing tree has its rows side by side, each in ascending order.</summary>
internal sealed class RowPartition(int rows, int threads)
{
    private const int LeastParallel = 32_768;

    private readonly int[] _order = GC.AllocateUninitializedArray<int>(rows);
    private readonly int[] _lefts = GC.AllocateUninitializedArray<int>(rows);
    private readonly int[] _rights = GC.AllocateUninitializedArray<int>(rows);
    private readonly int[] _leftCounts = new int[threads];
    private readonly byte[] _goesLeft = new byte[256];

    /// <summary>The number of rows in the order.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<int> Rows(Leaf leaf) => _order.AsSpan(leaf.Start, leaf.Count);

    public ReadOnlySpan<int> Rows(int start, int count) => _order.AsSpan(start, count);

    /// <summary>Starts with all rows.</summary>
    public void TakeAll()
    {
        for (var row = 0; row < _order.Length; row++) _order[row] = row;
        Count = _order.Length;
    }

    /// <summary>Starts with a random part of the rows, at least one.</summary>
    public void TakeSome(double fraction, ulong key)
    {
        var limit = (ulong)(fraction * ulong.MaxValue);
        Count = 0;
        for (var row = 0; row < _order.Length; row++)
        {
            if (SeededRandom.Mix(key + (ulong)row * 0x9E3779B97F4A7C15) <= limit) _order[Count++] = row;
        }

        if (Count == 0) _order[Count++] = (int)(key % (ulong)_order.Length);
    }

    /// <summary>Sorts a leaf's rows by the side they go to, into a place apart.</summary>
    /// <param name="leaf">The leaf.</param>
    /// <param name="column">The bins of the feature that is requested, row by row.</param>
    /// <param name="split">The question.</param>
    /// <param name="zeroBin">What <see cref="BinnedMatrix.Zero"/> represents in the column of a sparse feature; -1 for a dense one.</param>
    /// <returns>How many go left.</returns>
    public int Divide(Leaf leaf, ReadOnlyMemory<byte> column, Split split, int zeroBin)
    {
        _goesLeft.AsSpan().Clear();
        _goesLeft.AsSpan(1, split.Bin).Fill(1);
        _goesLeft[BinnedMatrix.Missing] = split.MissingLeft ? (byte)1 : (byte)0;
        if (zeroBin >= 0) _goesLeft[BinnedMatrix.Zero] = _goesLeft[zeroBin];
        var parts = Parts(leaf);
        if (parts == 1) return _leftCounts[0] = Divide(leaf.Start, leaf.Start + leaf.Count, column.Span);
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
        {
            var (start, end) = Part(leaf, part, parts);
            _leftCounts[part] = Divide(start, end, column.Span);
        });
        return _leftCounts.Sum();
    }

    /// <summary>Puts the divided rows in place: the left ones first.</summary>
    public void Commit(Leaf leaf, int leftCount)
    {
        var parts = Parts(leaf);
        var left = leaf.Start;
        var right = leaf.Start + leftCount;
        for (var part = 0; part < parts; part++)
        {
            var (start, end) = Part(leaf, part, parts);
            var lefts = _leftCounts[part];
            _lefts.AsSpan(start, lefts).CopyTo(_order.AsSpan(left));
            _rights.AsSpan(start, end - start - lefts).CopyTo(_order.AsSpan(right));
            left += lefts;
            right += end - start - lefts;
        }
    }

    private int Parts(Leaf leaf) => leaf.Count < LeastParallel ? 1 : threads;

    private static (int Start, int End) Part(Leaf leaf, int part, int parts) =>
        (leaf.Start + (int)((long)leaf.Count * part / parts), leaf.Start + (int)((long)leaf.Count * (part + 1) / parts));

    /// <summary>Both targets are written for every row and one of them moves on: no branch to guess wrong.</summary>
    private unsafe int Divide(int start, int end, ReadOnlySpan<byte> column)
    {
        var left = 0;
        fixed (int* order = _order, lefts = &_lefts[start], rights = &_rights[start])
        fixed (byte* columnAt = column, tableAt = _goesLeft)
        {
            var right = 0;
            for (var i = start; i < end; i++)
            {
                var row = order[i];
                int isLeft = tableAt[columnAt[row]];
                lefts[left] = row;
                rights[right] = row;
                left += isLeft;
                right += 1 - isLeft;
            }
        }

        return left;
    }
}
