namespace MlOps.Sdk.Features;

/// <summary>
/// Where a fitted transform writes its outputs: a part of a feature matrix (column by column), of a feature vector (row by row), or, for a
/// sparse transform, a collection of values other than 0.
/// </summary>
public readonly ref struct FeatureWriter
{
    private readonly Span<float> _values;
    private readonly int _slotStride;
    private readonly int _rowStride;
    private readonly SparseFeaturesBuilder? _sparse;
    private readonly int _firstSlot;

    /// <summary>Creates a writer.</summary>
    /// <param name="values">Where the values go.</param>
    /// <param name="slotStride">From a slot to the next: 1 for feature vectors, the number of rows for a matrix.</param>
    /// <param name="rowStride">From a row to the next: the number of slots for feature vectors, 1 for a matrix.</param>
    public FeatureWriter(Span<float> values, int slotStride, int rowStride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slotStride, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowStride, 1);
        _values = values;
        _slotStride = slotStride;
        _rowStride = rowStride;
    }

    /// <summary>Creates a writer of sparse features.</summary>
    /// <param name="sparse">Where the values go.</param>
    /// <param name="firstSlot">Where the transform's outputs begin in the feature vector.</param>
    public FeatureWriter(SparseFeaturesBuilder sparse, int firstSlot = 0)
    {
        ArgumentNullException.ThrowIfNull(sparse);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSlot);
        _sparse = sparse;
        _firstSlot = firstSlot;
    }

    /// <summary>
    /// Writes a value. A dense transform writes every slot of every row, as the memory is not cleared. A sparse one writes row after row
    /// and, in a row, slot after slot; what it does not write is 0.
    /// </summary>
    /// <param name="row">The row of the block, from 0.</param>
    /// <param name="slot">The position among the transform's outputs, from 0.</param>
    /// <param name="value">The value; NaN means missing.</param>
    /// <exception cref="InvalidOperationException">A sparse transform goes back to an earlier row or slot.</exception>
    public void Set(int row, int slot, float value)
    {
        if (_sparse is null) _values[slot * _slotStride + row * _rowStride] = value;
        else _sparse.Add(row, _firstSlot + slot, value);
    }

    /// <summary>The writer of the slots from one on, for a transform that is made of others.</summary>
    /// <param name="slot">The slot that becomes slot 0.</param>
    public FeatureWriter From(int slot) => _sparse is null
        ? new(_values[(slot * _slotStride)..], _slotStride, _rowStride)
        : new(_sparse, _firstSlot + slot);

    /// <summary>Writes 1 to one slot of a run and 0 to the others.</summary>
    internal void SetOneHot(int row, int first, int width, int hot)
    {
        if (_slotStride == 1)
        {
            var run = _values.Slice(first + row * _rowStride, width);
            run.Clear();
            run[hot] = 1;
            return;
        }

        for (var slot = 0; slot < width; slot++) Set(row, first + slot, slot == hot ? 1 : 0);
    }
}
