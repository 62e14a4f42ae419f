namespace MlOps.Sdk.Features;

/// <summary>
/// The features of many rows: what a trainer learns from. The first <see cref="DenseWidth"/> slots are dense and kept column by column; the
/// others, if there are any, are in <see cref="Sparse"/>. Immutable and thread-safe.
/// </summary>
public sealed class FeatureMatrix
{
    private readonly float[] _values;

    /// <summary>Creates a matrix over values that nobody else writes to.</summary>
    /// <param name="slots">The columns.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="values">Column after column, <paramref name="rowCount"/> values each; NaN means missing.</param>
    /// <param name="sparse">
    /// The features of the last slots, those for which there is no dense column; <see langword="null"/> when all columns are dense.
    /// </param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public FeatureMatrix(IReadOnlyList<FeatureSlot> slots, int rowCount, float[] values, SparseFeatures? sparse = null)
    {
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        var isWhole = rowCount == 0 ? values.Length == 0 : values.Length % rowCount == 0;
        DenseWidth = sparse is null || !isWhole ? slots.Count : rowCount == 0 ? 0 : values.Length / rowCount;
        if (!isWhole || DenseWidth > slots.Count || values.Length != (long)DenseWidth * rowCount)
        {
            throw new ArgumentException(
                $"{DenseWidth} columns of {rowCount} rows need {(long)DenseWidth * rowCount} values, not {values.Length}.",
                nameof(values));
        }
        if (sparse is not null)
        {
            if (sparse.RowCount != rowCount)
            {
                throw new ArgumentException($"{rowCount} rows have sparse features of {sparse.RowCount} rows.", nameof(sparse));
            }
            if (sparse.Slots.ContainsAnyExceptInRange(DenseWidth, slots.Count - 1))
            {
                throw new ArgumentException($"A sparse slot is not between {DenseWidth} and {slots.Count - 1}.", nameof(sparse));
            }
        }

        Slots = slots;
        RowCount = rowCount;
        Sparse = sparse;
        _values = values;
    }

    /// <summary>The columns.</summary>
    public IReadOnlyList<FeatureSlot> Slots { get; }

    /// <summary>The number of columns, dense and sparse.</summary>
    public int Width => Slots.Count;

    /// <summary>The number of dense columns, which come first.</summary>
    public int DenseWidth { get; }

    /// <summary>The values of the columns after the dense ones; <see langword="null"/> when there are none.</summary>
    public SparseFeatures? Sparse { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The values of a dense column.</summary>
    /// <param name="slot">The column, from 0 and below <see cref="DenseWidth"/>.</param>
    public ReadOnlySpan<float> Column(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, DenseWidth);
        return _values.AsSpan(slot * RowCount, RowCount);
    }

    /// <summary>A value, wherever it is kept.</summary>
    internal float ValueOf(int row, int slot)
    {
        if (slot < DenseWidth) return _values[slot * RowCount + row];
        var ofRow = Sparse!.Slots[Sparse.Starts[row]..Sparse.Starts[row + 1]];
        var at = ofRow.BinarySearch(slot);
        return at < 0 ? 0 : Sparse.Values[Sparse.Starts[row] + at];
    }

    /// <summary>Copies the given rows into a new matrix.</summary>
    /// <param name="rows">Row numbers, from 0, in any order, repetition allowed.</param>
    public FeatureMatrix Take(ReadOnlySpan<int> rows)
    {
        var values = new float[DenseWidth * rows.Length];
        for (var slot = 0; slot < DenseWidth; slot++)
        {
            var from = Column(slot);
            var to = values.AsSpan(slot * rows.Length, rows.Length);
            for (var i = 0; i < rows.Length; i++) to[i] = from[rows[i]];
        }

        return new FeatureMatrix(Slots, rows.Length, values, Sparse?.Take(rows));
    }

    /// <summary>Copies the dense values of rows into feature vectors, one after the other.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="destination">Where to write, <paramref name="count"/> × <see cref="DenseWidth"/> values.</param>
    public void CopyRows(int start, int count, Span<float> destination)
    {
        for (var slot = 0; slot < DenseWidth; slot++)
        {
            var from = Column(slot).Slice(start, count);
            for (var i = 0; i < from.Length; i++) destination[i * DenseWidth + slot] = from[i];
        }
    }

    /// <summary>The feature vectors of rows, as a model reads them.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="buffer">Memory for the dense values, at least <paramref name="count"/> × <see cref="DenseWidth"/>.</param>
    public FeatureBlock Block(int start, int count, Span<float> buffer)
    {
        var dense = buffer[..(count * DenseWidth)];
        CopyRows(start, count, dense);
        return Sparse is null
            ? new FeatureBlock(dense, Width)
            : new FeatureBlock(dense, DenseWidth, Width, Sparse.Starts.Slice(start, count + 1), Sparse.Slots, Sparse.Values);
    }
}
