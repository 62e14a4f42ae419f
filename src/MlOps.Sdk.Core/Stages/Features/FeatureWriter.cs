namespace MlOps.Sdk.Features;

/// <summary>
/// Where a fitted transform writes its outputs: a part of a feature matrix (column by column) or of a feature vector (row by row).
/// </summary>
public readonly ref struct FeatureWriter
{
    private readonly Span<float> _values;
    private readonly int _slotStride;
    private readonly int _rowStride;

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

    /// <summary>Writes a value. Every slot of every row must be written: the memory is not cleared.</summary>
    /// <param name="row">The row of the block, from 0.</param>
    /// <param name="slot">The position among the transform's outputs, from 0.</param>
    /// <param name="value">The value; NaN stands for missing.</param>
    public void Set(int row, int slot, float value) => _values[slot * _slotStride + row * _rowStride] = value;

    /// <summary>The writer of the slots from one on, for a transform that is made of others.</summary>
    /// <param name="slot">The slot that becomes slot 0.</param>
    public FeatureWriter From(int slot) => new(_values[(slot * _slotStride)..], _slotStride, _rowStride);

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
