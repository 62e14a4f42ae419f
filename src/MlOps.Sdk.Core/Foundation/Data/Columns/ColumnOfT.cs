namespace MlOps.Sdk.Data;

/// <summary>A column whose values have a fixed size.</summary>
/// <typeparam name="T">The type of a stored element.</typeparam>
public abstract class Column<T> : Column
    where T : unmanaged
{
    private protected Column(ColumnType type)
        : base(type)
    {
    }

    internal T[] Buffer { get; set; } = [];

    /// <summary>
    /// The stored elements of all rows; what stands where a row has no value is not specified, except NaN in a <see cref="NumberColumn"/>.
    /// </summary>
    public ReadOnlySpan<T> Values => Buffer.AsSpan(0, Length * ElementCount);

    /// <summary>The elements of <see cref="Values"/>, for a reader that keeps them from call to call. They are not copied.</summary>
    public ReadOnlyMemory<T> Memory => Buffer.AsMemory(0, Length * ElementCount);
}
