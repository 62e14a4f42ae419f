namespace MlOps.Sdk.Data;

/// <summary>Builds a <see cref="VectorColumn"/>. Not thread-safe.</summary>
/// <param name="elementCount">The length of every vector, at least 1.</param>
/// <param name="capacity">How many rows to make room for.</param>
public sealed class VectorColumnBuilder(
    int elementCount,
    int capacity = 16) : ColumnBuilder<float>(new VectorColumn(elementCount), capacity)
{
    /// <summary>Appends a vector.</summary>
    /// <param name="value">The elements; as many as the column's vectors have.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    public void Append(ReadOnlySpan<float> value)
    {
        if (value.Length != elementCount)
            throw new ArgumentException($"The vector has {value.Length} elements where the column has {elementCount}.", nameof(value));
        value.CopyTo(Reserve());
        MarkValue();
    }

    private protected override Column<float> NewColumn() => new VectorColumn(elementCount);
}
