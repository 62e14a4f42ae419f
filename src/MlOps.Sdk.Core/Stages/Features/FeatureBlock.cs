namespace MlOps.Sdk.Features;

/// <summary>Feature vectors, one after the other: what a model predicts from.</summary>
public readonly ref struct FeatureBlock
{
    /// <summary>Creates a block.</summary>
    /// <param name="values">Row after row, <paramref name="width"/> values each.</param>
    /// <param name="width">The number of values of a row.</param>
    /// <exception cref="ArgumentException">The values are no whole number of rows.</exception>
    public FeatureBlock(ReadOnlySpan<float> values, int width)
    {
        if (width <= 0 || values.Length % width != 0)
        {
            throw new ArgumentException($"{values.Length} values are no whole number of rows of {width}.", nameof(values));
        }
        Values = values;
        Width = width;
    }

    /// <summary>The values, row after row.</summary>
    public ReadOnlySpan<float> Values { get; }

    /// <summary>The number of values of a row.</summary>
    public int Width { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount => Values.Length / Width;

    /// <summary>The values of a row.</summary>
    /// <param name="index">The row, from 0.</param>
    public ReadOnlySpan<float> Row(int index) => Values.Slice(index * Width, Width);
}
