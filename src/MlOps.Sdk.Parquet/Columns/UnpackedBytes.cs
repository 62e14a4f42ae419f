namespace MlOps.Sdk.Collection;

/// <summary>
/// Counts the memory that the values of a row group take, before it is taken, and that of all row groups of one pass. Not thread-safe.
/// </summary>
internal sealed class UnpackedBytes(ParquetReading reading, string name)
{
    private long _group;
    private long _all;

    /// <summary>Forgets the row group before, and counts what the values of this one take, all columns together.</summary>
    /// <exception cref="MlOpsException">It is more than was allowed.</exception>
    public void Begin(RowGroupLayout group, IEnumerable<ParquetColumn> columns)
    {
        _group = 0;
        foreach (var column in columns) Take(Math.Min(group.Chunks[column.Chunk].Values, int.MaxValue) * column.BytesOfValue);
    }

    /// <summary>Counts memory that is taken next.</summary>
    /// <exception cref="MlOpsException">It is more than was allowed.</exception>
    public void Take(long bytes)
    {
        (_group, _all) = (_group + bytes, _all + bytes);
        if (_all > reading.MaxUnpackedBytes)
        {
            throw HttpOptions.TooLarge(nameof(HttpOptions.MaxUnpackedBytes), reading.MaxUnpackedBytes, name);
        }
        if (_group <= reading.MaxRowGroupBytes) return;
        throw new MlOpsException(
            FormattableString.Invariant(
                $"A row group of the Parquet file takes more than {reading.MaxRowGroupBytes:N0} bytes of memory once it is unpacked."),
            "Read fewer columns, write row groups of fewer rows, or allow more with ParquetSourceOptions.MaxRowGroupBytes, if the file " +
                "is the right one.") { DataSource = name };
    }

    /// <summary>Says that memory of the row group is not needed any more.</summary>
    public void Release(long bytes) => _group -= bytes;
}
