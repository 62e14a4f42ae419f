namespace MlOps.Sdk.Features;

/// <summary>The features of many rows, column by column: what a trainer learns from. Immutable and thread-safe.</summary>
public sealed class FeatureMatrix
{
    private readonly float[] _values;

    /// <summary>Creates a matrix over values that nobody else writes to.</summary>
    /// <param name="slots">The columns.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="values">Column after column, <paramref name="rowCount"/> values each; NaN stands for missing.</param>
    public FeatureMatrix(IReadOnlyList<FeatureSlot> slots, int rowCount, float[] values)
    {
        if (values.Length != (long)slots.Count * rowCount)
        {
            throw new ArgumentException(
                $"{slots.Count} columns of {rowCount} rows need {(long)slots.Count * rowCount} values, not {values.Length}.",
                nameof(values));
        }
        Slots = slots;
        RowCount = rowCount;
        _values = values;
    }

    /// <summary>The columns.</summary>
    public IReadOnlyList<FeatureSlot> Slots { get; }

    /// <summary>The number of columns.</summary>
    public int Width => Slots.Count;

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The values of a column.</summary>
    /// <param name="slot">The column, from 0.</param>
    public ReadOnlySpan<float> Column(int slot) => _values.AsSpan(slot * RowCount, RowCount);

    /// <summary>Copies the given rows into a new matrix.</summary>
    /// <param name="rows">Row numbers, from 0, in any order, repetition allowed.</param>
    public FeatureMatrix Take(ReadOnlySpan<int> rows)
    {
        var values = new float[Width * rows.Length];
        for (var slot = 0; slot < Width; slot++)
        {
            var from = Column(slot);
            var to = values.AsSpan(slot * rows.Length, rows.Length);
            for (var i = 0; i < rows.Length; i++) to[i] = from[rows[i]];
        }

        return new FeatureMatrix(Slots, rows.Length, values);
    }

    /// <summary>Copies rows into feature vectors, one after the other.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="destination">Where to write, <paramref name="count"/> × <see cref="Width"/> values.</param>
    public void CopyRows(int start, int count, Span<float> destination)
    {
        for (var slot = 0; slot < Width; slot++)
        {
            var from = Column(slot).Slice(start, count);
            for (var i = 0; i < from.Length; i++) destination[i * Width + slot] = from[i];
        }
    }
}
