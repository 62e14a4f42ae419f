using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>
/// Sparse features as bin numbers: of each row only the bins that are not its feature's bin of 0. Features with so few other values that no
/// leaf can be made of them are left out, which of a vocabulary leaves a small part.
/// </summary>
internal sealed class SparseBins
{
    /// <summary>Bins of a sparse feature at most: its histogram is as small as its values are few.</summary>
    private const int MostBins = 63;

    private readonly int[] _slots;
    private readonly int[] _zeroBins;
    private readonly int[] _offsets;
    private readonly int[] _starts;
    private readonly int[] _entries;
    private readonly int[] _columnStarts;
    private readonly int[] _columnRows;
    private readonly byte[] _columnBins;

    private SparseBins(
        int[] slots,
        float[][] edges,
        int[] zeroBins,
        int[] offsets,
        (int[] Starts, int[] Entries) rows,
        (int[] Starts, int[] Rows, byte[] Bins) columns)
    {
        _slots = slots;
        Edges = edges;
        _zeroBins = zeroBins;
        _offsets = offsets;
        (_starts, _entries) = rows;
        (_columnStarts, _columnRows, _columnBins) = columns;
    }

    /// <summary>The number of features.</summary>
    public int Count => _slots.Length;

    /// <summary>Where each feature is cut into bins.</summary>
    public float[][] Edges { get; }

    /// <summary>The bins of all features.</summary>
    public int TotalBins => _offsets[^1];

    /// <summary>The number of bins that are kept.</summary>
    public int EntryCount => _entries.Length;

    /// <summary>Bins features.</summary>
    /// <param name="features">The features, with a sparse part.</param>
    /// <param name="maxBins">Bins of a feature at most.</param>
    /// <param name="leastRows">Rows of a leaf at least.</param>
    public static SparseBins Create(FeatureMatrix features, int maxBins, int leastRows)
    {
        var sparse = features.Sparse!;
        var counts = new int[features.Width];
        foreach (var slot in sparse.Slots) counts[slot]++;
        int[] slots = [.. Enumerable.Range(features.DenseWidth, features.Width - features.DenseWidth).Where(s => counts[s] >= leastRows)];
        var columns = Columns(sparse, slots, counts, features.Width);
        var edges = new float[slots.Length][];
        var zeroBins = new int[slots.Length];
        var offsets = new int[slots.Length + 1];
        for (var k = 0; k < slots.Length; k++)
        {
            edges[k] = Cut(columns.Values.AsSpan(columns.Starts[k]..columns.Starts[k + 1]), Math.Min(maxBins, MostBins));
            zeroBins[k] = BinOf(edges[k], 0);
            offsets[k + 1] = offsets[k] + edges[k].Length + 2;
        }

        return Assign(columns, slots, edges, zeroBins, offsets, features.RowCount);
    }

    /// <summary>The feature's place in the feature vector.</summary>
    public int SlotOf(int feature) => _slots[feature];

    /// <summary>The bin of the value 0.</summary>
    public int ZeroBin(int feature) => _zeroBins[feature];

    /// <summary>Where the feature's bins begin among those of all.</summary>
    public int Offset(int feature) => _offsets[feature];

    /// <summary>The bins of a row that are not those of 0, as positions among the bins of all features, ascending.</summary>
    public ReadOnlySpan<int> Row(int row) => _entries.AsSpan(_starts[row]..(_starts[row + 1]));

    /// <summary>The bin of a row.</summary>
    public int BinOf(int row, int feature)
    {
        var entries = Row(row);
        var at = entries.BinarySearch(_offsets[feature]);
        if (at < 0) at = ~at;
        return at < entries.Length && entries[at] < _offsets[feature + 1] ? entries[at] - _offsets[feature] : _zeroBins[feature];
    }

    /// <summary>Writes the bins of a feature's rows that are not that of 0 into a column.</summary>
    public void Load(int feature, Span<byte> column)
    {
        for (var i = _columnStarts[feature]; i < _columnStarts[feature + 1]; i++) column[_columnRows[i]] = _columnBins[i];
    }

    /// <summary>Sets the rows that were loaded back.</summary>
    public void Unload(int feature, Span<byte> column, byte value)
    {
        for (var i = _columnStarts[feature]; i < _columnStarts[feature + 1]; i++) column[_columnRows[i]] = value;
    }

    private static (int[] Starts, int[] Rows, float[] Values) Columns(SparseFeatures sparse, int[] slots, int[] counts, int width)
    {
        var placeOf = new int[width];
        Array.Fill(placeOf, -1);
        var starts = new int[slots.Length + 1];
        for (var k = 0; k < slots.Length; k++)
        {
            placeOf[slots[k]] = k;
            starts[k + 1] = starts[k] + counts[slots[k]];
        }

        var rows = new int[starts[^1]];
        var values = new float[starts[^1]];
        var next = starts.ToArray();
        for (var row = 0; row < sparse.RowCount; row++)
        {
            for (var i = sparse.Starts[row]; i < sparse.Starts[row + 1]; i++)
            {
                var k = placeOf[sparse.Slots[i]];
                if (k < 0) continue;
                rows[next[k]] = row;
                values[next[k]++] = sparse.Values[i];
            }
        }

        return (starts, rows, values);
    }

    // The values other than 0 share the bins evenly, and 0 stands among them once.
    private static float[] Cut(ReadOnlySpan<float> values, int maxBins)
    {
        float[] sample = [.. values, 0];
        Array.Sort(sample);
        var missing = 0;
        while (missing < sample.Length && float.IsNaN(sample[missing])) missing++;
        return FeatureCuts.Cut(sample.AsSpan(missing), maxBins);
    }

    private static int BinOf(float[] edges, float value)
    {
        if (float.IsNaN(value)) return BinnedMatrix.Missing;
        var at = Array.BinarySearch(edges, value);
        return (at >= 0 ? at + 1 : ~at) + 1;
    }

    private static SparseBins Assign(
        (int[] Starts, int[] Rows, float[] Values) columns, int[] slots, float[][] edges, int[] zeroBins, int[] offsets, int rowCount)
    {
        var starts = new int[rowCount + 1];
        var bins = new byte[columns.Rows.Length];
        var kept = new int[slots.Length + 1];
        var keptRows = new int[columns.Rows.Length];
        var count = 0;
        for (var k = 0; k < slots.Length; k++)
        {
            for (var i = columns.Starts[k]; i < columns.Starts[k + 1]; i++)
            {
                var bin = BinOf(edges[k], columns.Values[i]);
                if (bin == zeroBins[k]) continue;
                keptRows[count] = columns.Rows[i];
                bins[count++] = (byte)bin;
                starts[columns.Rows[i] + 1]++;
            }

            kept[k + 1] = count;
        }

        for (var row = 0; row < rowCount; row++) starts[row + 1] += starts[row];
        var entries = new int[count];
        var next = starts.ToArray();
        // Feature after feature, so that the entries of a row ascend.
        for (var k = 0; k < slots.Length; k++)
        {
            for (var i = kept[k]; i < kept[k + 1]; i++) entries[next[keptRows[i]]++] = offsets[k] + bins[i];
        }

        return new SparseBins(
            slots,
            edges,
            zeroBins,
            offsets,
            (starts, entries),
            (kept, keptRows.AsSpan(0, count).ToArray(), bins.AsSpan(0, count).ToArray()));
    }
}
