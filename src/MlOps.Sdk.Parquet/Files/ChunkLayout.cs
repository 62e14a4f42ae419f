namespace MlOps.Sdk.Collection;

/// <summary>The values of a column in one row group.</summary>
/// <param name="Codec">The compression, as the format numbers it.</param>
/// <param name="Values">The values, missing ones included.</param>
/// <param name="Start">Where its first page begins.</param>
/// <param name="Size">The bytes of its pages, as the file says; only to fetch them at once.</param>
/// <param name="Statistics">Smallest and largest value, where the writer computed them.</param>
internal sealed record ChunkLayout(int Codec, long Values, long Start, long Size, ThriftStruct? Statistics)
{
    public static ChunkLayout Read(ThriftStruct chunk, long dataEnd)
    {
        if (chunk.Has(8)) throw new NotSupportedException("a column is encrypted");
        if (chunk.Text(1) is { Length: > 0 }) throw new NotSupportedException("the values of a column are in another file");
        var data = chunk.Struct(3) ?? throw new InvalidDataException("a column has no description");
        var offsets = new[] { data.Int64(9), data.Int64(10), data.Int64(11) }.Where(offset => offset > 0).ToArray();
        var start = offsets.Length > 0 ? offsets.Min()!.Value : -1;
        var values = data.Int64(5) ?? -1;
        return values >= 0 && (values == 0 || start >= FileLayout.MagicLength && start < dataEnd)
            ? new ChunkLayout(
                data.Int32(4) ?? 0, values, start, Math.Clamp(data.Int64(7) ?? 0, 0, Math.Max(0, dataEnd - start)), data.Struct(12))
            : throw new InvalidDataException("the place of a column is out of range");
    }
}
