namespace MlOps.Sdk.Collection;

/// <summary>Some rows of a file, column by column.</summary>
/// <param name="Rows">How many there are.</param>
/// <param name="Chunks">The columns that hold values, in the order of the schema.</param>
internal sealed record RowGroupLayout(int Rows, IReadOnlyList<ChunkLayout> Chunks)
{
    // 800 MB of numbers a column.
    private const int MaxRows = 100_000_000;

    public static RowGroupLayout Read(ThriftStruct group, int leaves, long dataEnd)
    {
        var rows = group.Int64(3) ?? -1;
        if (rows > MaxRows)
        {
            throw new NotSupportedException(FormattableString.Invariant($"a row group has more than {MaxRows:N0} rows"));
        }
        var chunks = (group.Structs(1) ?? []).Select(chunk => ChunkLayout.Read(chunk, dataEnd)).ToArray();
        return rows >= 0 && chunks.Length == leaves
            ? new RowGroupLayout((int)rows, chunks)
            : throw new InvalidDataException("a row group does not have the columns of the schema");
    }
}
