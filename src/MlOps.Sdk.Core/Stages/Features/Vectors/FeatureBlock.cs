namespace MlOps.Sdk.Features;

/// <summary>
/// Feature vectors, one after the other: what a model predicts from. The first <see cref="DenseWidth"/> slots are all there; of the
/// others, which are sparse, only the values other than 0.
/// </summary>
public readonly ref struct FeatureBlock
{
    private readonly ReadOnlySpan<int> _starts;
    private readonly ReadOnlySpan<int> _slots;
    private readonly ReadOnlySpan<float> _sparse;

    /// <summary>Creates a block without sparse slots.</summary>
    /// <param name="values">Row after row, <paramref name="width"/> values each.</param>
    /// <param name="width">The number of values of a row.</param>
    /// <exception cref="ArgumentException">The values are not a whole number of rows.</exception>
    public FeatureBlock(ReadOnlySpan<float> values, int width)
    {
        if (width <= 0 || values.Length % width != 0)
        {
            throw new ArgumentException($"{values.Length} values are not a multiple of {width}, the width of a row.", nameof(values));
        }
        Values = values;
        DenseWidth = Width = width;
        RowCount = values.Length / width;
    }

    /// <summary>Creates a block with sparse slots.</summary>
    /// <param name="values">Row after row, <paramref name="denseWidth"/> values each: the first slots.</param>
    /// <param name="denseWidth">How many slots are dense; they come first.</param>
    /// <param name="width">The number of slots, dense and sparse.</param>
    /// <param name="starts">Where each row begins among the sparse values, and at the end where the last one ends.</param>
    /// <param name="slots">The slot of each sparse value, ascending within a row, from <paramref name="denseWidth"/> on.</param>
    /// <param name="sparse">The sparse values.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public FeatureBlock(
        ReadOnlySpan<float> values,
        int denseWidth,
        int width,
        ReadOnlySpan<int> starts,
        ReadOnlySpan<int> slots,
        ReadOnlySpan<float> sparse)
    {
        if (denseWidth < 0 || denseWidth > width || width == 0 || starts.IsEmpty || slots.Length != sparse.Length)
        {
            throw new ArgumentException($"{denseWidth} dense slots of {width} do not fit the sparse values.", nameof(denseWidth));
        }
        RowCount = starts.Length - 1;
        if (values.Length != (long)RowCount * denseWidth)
        {
            throw new ArgumentException($"{values.Length} values are not {RowCount} rows of {denseWidth}.", nameof(values));
        }
        Values = values;
        DenseWidth = denseWidth;
        Width = width;
        _starts = starts;
        _slots = slots;
        _sparse = sparse;
    }

    /// <summary>The values of the dense slots, row after row.</summary>
    public ReadOnlySpan<float> Values { get; }

    /// <summary>The number of slots, dense and sparse.</summary>
    public int Width { get; }

    /// <summary>The number of dense slots, which come first.</summary>
    public int DenseWidth { get; }

    /// <summary>Whether there are no sparse slots.</summary>
    public bool IsDense => DenseWidth == Width;

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The values of a row's dense slots.</summary>
    /// <param name="index">The row, from 0.</param>
    public ReadOnlySpan<float> Row(int index) => Values.Slice(index * DenseWidth, DenseWidth);

    /// <summary>The slots of a row's sparse values, ascending, as positions in the whole feature vector.</summary>
    /// <param name="index">The row, from 0.</param>
    public ReadOnlySpan<int> SparseSlots(int index) => _starts.IsEmpty ? default : _slots[_starts[index].._starts[index + 1]];

    /// <summary>A row's sparse values, of which none is 0, in the order of <see cref="SparseSlots"/>.</summary>
    /// <param name="index">The row, from 0.</param>
    public ReadOnlySpan<float> SparseValues(int index) => _starts.IsEmpty ? default : _sparse[_starts[index].._starts[index + 1]];
}
