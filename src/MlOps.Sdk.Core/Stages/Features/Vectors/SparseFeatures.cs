namespace MlOps.Sdk.Features;

/// <summary>
/// Features of many rows of which only the values other than 0 are kept, row after row (compressed sparse rows): a vocabulary of 100,000
/// terms takes the memory of the terms that occur. Immutable and thread-safe.
/// </summary>
public sealed class SparseFeatures
{
    private readonly int[] _starts;
    private readonly int[] _slots;
    private readonly float[] _values;

    /// <summary>Creates features over arrays that nobody else writes to.</summary>
    /// <param name="starts">Where each row begins among the values, and at the end where the last one ends: one more than rows.</param>
    /// <param name="slots">The slot of each value, ascending within a row, as a position in the whole feature vector.</param>
    /// <param name="values">The values; NaN means missing.</param>
    /// <exception cref="ArgumentException">The arrays do not fit each other, or the slots of a row do not ascend.</exception>
    public SparseFeatures(int[] starts, int[] slots, float[] values)
    {
        ArgumentNullException.ThrowIfNull(starts);
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(values);
        if (slots.Length != values.Length)
        {
            throw new ArgumentException($"{values.Length} values have {slots.Length} slots.", nameof(slots));
        }
        if (starts.Length == 0 || starts[0] != 0 || starts[^1] != values.Length)
        {
            throw new ArgumentException("The rows do not begin at the first value and end with the last.", nameof(starts));
        }
        for (var row = 0; row + 1 < starts.Length; row++)
        {
            if (starts[row + 1] < starts[row]) throw new ArgumentException($"Row {row} ends before it begins.", nameof(starts));
            var ofRow = slots.AsSpan(starts[row]..starts[row + 1]);
            for (var i = 0; i < ofRow.Length; i++)
            {
                if (ofRow[i] <= (i == 0 ? -1 : ofRow[i - 1]))
                {
                    throw new ArgumentException($"The slots of row {row} do not ascend.", nameof(slots));
                }
            }
        }

        _starts = starts;
        _slots = slots;
        _values = values;
    }

    /// <summary>The number of rows.</summary>
    public int RowCount => _starts.Length - 1;

    /// <summary>Where each row begins among <see cref="Slots"/> and <see cref="Values"/>, and at the end where the last one ends.</summary>
    public ReadOnlySpan<int> Starts => _starts;

    /// <summary>The slot of each value, ascending within a row, as a position in the whole feature vector.</summary>
    public ReadOnlySpan<int> Slots => _slots;

    /// <summary>The values.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Copies the given rows.</summary>
    /// <param name="rows">Row numbers, from 0, in any order, repetition allowed.</param>
    public SparseFeatures Take(ReadOnlySpan<int> rows)
    {
        var starts = new int[rows.Length + 1];
        for (var i = 0; i < rows.Length; i++) starts[i + 1] = checked(starts[i] + _starts[rows[i] + 1] - _starts[rows[i]]);
        var slots = new int[starts[^1]];
        var values = new float[starts[^1]];
        for (var i = 0; i < rows.Length; i++)
        {
            var from = _starts[rows[i]].._starts[rows[i] + 1];
            _slots.AsSpan(from).CopyTo(slots.AsSpan(starts[i]));
            _values.AsSpan(from).CopyTo(values.AsSpan(starts[i]));
        }

        return new SparseFeatures(starts, slots, values);
    }
}
