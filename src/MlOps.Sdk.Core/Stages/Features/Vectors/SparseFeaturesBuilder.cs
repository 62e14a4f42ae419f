namespace MlOps.Sdk.Features;

/// <summary>
/// Where sparse features are collected, row after row: filled through a <see cref="FeatureWriter"/>, read and cleared again without
/// allocating. Not thread-safe.
/// </summary>
public sealed class SparseFeaturesBuilder
{
    private int[] _starts = new int[2];
    private int[] _slots = [];
    private float[] _values = [];
    private int _row;
    private int _count;

    /// <summary>Where each row begins, and at the end where the last one ends; after <see cref="Join"/>.</summary>
    internal ReadOnlySpan<int> Starts => _starts.AsSpan(0, _row + 1);

    internal ReadOnlySpan<int> Slots => _slots.AsSpan(0, _count);

    internal ReadOnlySpan<float> Values => _values.AsSpan(0, _count);

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        _row = 0;
        _count = 0;
    }

    /// <summary>Adds a value to a row, which is the last one or comes after it.</summary>
    internal void Add(int row, int slot, float value)
    {
        if (row < _row || (row == _row && _count > _starts[row] && _slots[_count - 1] >= slot))
        {
            throw new InvalidOperationException(
                $"Sparse features are written in the order of rows and slots: slot {slot} of row {row} comes too late.");
        }
        if (value == 0) return;
        Begin(row);
        if (_count == _slots.Length)
        {
            var length = (int)Math.Min(Array.MaxLength, Math.Max(64, _count * 2L));
            if (length == _count)
            {
                throw new MlOpsException(
                    $"There are more than {_count} feature values other than 0.", "Train on a sample of the rows, or with fewer features.");
            }
            Array.Resize(ref _slots, length);
            Array.Resize(ref _values, length);
        }

        _slots[_count] = slot;
        _values[_count] = value;
        _count++;
    }

    /// <summary>Ends the rows of collections of which each has slots after those of the one before, and joins them.</summary>
    /// <param name="parts">At least one collection.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="joined">Where to join several; <see langword="null"/> for a new collection.</param>
    internal static SparseFeaturesBuilder Join(IReadOnlyList<SparseFeaturesBuilder> parts, int rows, SparseFeaturesBuilder? joined = null)
    {
        foreach (var part in parts) part.Begin(rows);
        if (parts.Count == 1) return parts[0];
        joined ??= new SparseFeaturesBuilder();
        joined.Clear();
        for (var row = 0; row < rows; row++)
        {
            foreach (var part in parts)
            {
                for (var i = part._starts[row]; i < part._starts[row + 1]; i++) joined.Add(row, part._slots[i], part._values[i]);
            }
        }

        joined.Begin(rows);
        return joined;
    }

    /// <summary>Copies what was collected.</summary>
    /// <param name="rows">The number of rows; those that nothing was written to are empty.</param>
    /// <exception cref="ArgumentOutOfRangeException">Something was written to a later row.</exception>
    public SparseFeatures Build(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, _row == 0 && _count == 0 ? 0 : _row + (_count > _starts[_row] ? 1 : 0));
        Begin(rows);
        return new SparseFeatures(Starts.ToArray(), Slots.ToArray(), Values.ToArray());
    }

    // Rows without a value are begun and ended on the way.
    private void Begin(int row)
    {
        if (row + 1 >= _starts.Length) Array.Resize(ref _starts, Math.Max(row + 2, _starts.Length * 2));
        while (_row < row) _starts[++_row] = _count;
    }
}
