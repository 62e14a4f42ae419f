using System.Runtime.InteropServices;
using Parquet;

namespace MlOps.Sdk.Collection;

/// <summary>Reads a column of a row group.</summary>
internal static class ColumnReader
{
    private static readonly byte[] Nothing = [0];
    private static readonly byte[] NothingElse = [0];

    /// <exception cref="MlOpsException">The values are damaged, or stored in a way that cannot be read.</exception>
    /// <exception cref="MlOpsException">Their pages take more memory than they may.</exception>
    public static async ValueTask<ColumnValues> ReadAsync(
        Stream file,
        FileLayout layout,
        RowGroupLayout group,
        ParquetColumn column,
        UnpackedBytes memory,
        string name,
        CancellationToken cancellationToken)
    {
        var chunk = group.Chunks[column.Chunk];
        if (PageCompression.Refuse(chunk.Codec) is { } why) throw Refused(name, column, why);
        if (chunk.Values > int.MaxValue / sizeof(int) || column.Kind != ValueKind.Vector && chunk.Values != group.Rows)
        {
            throw Damaged(name, column, "it has more or fewer values than the row group");
        }
        var pages = new EndingStream();
        var chunkFile = new ChunkFile(column, chunk, pages, memory);
        (file as IRangedFile)?.Expect(chunk.Start, chunk.Size + PageHeader.UsualSize);
        try
        {
            await chunkFile.ReadAsync(file, layout.DataEnd, group.Rows, cancellationToken).ConfigureAwait(false);
        }
        catch (EndOfStreamException e)
        {
            throw Damaged(name, column, "the file ends within its values", e);
        }
        catch (NotSupportedException e)
        {
            throw Refused(name, column, e.Message);
        }
        catch (Exception e) when (e is not (IOException or TimeoutException or OperationCanceledException or MlOpsException))
        {
            throw Damaged(name, column, "its values cannot be unpacked", e);
        }

        // From here on, everything is in memory: no failure is one of the disk.
        await using (pages.ConfigureAwait(false))
        {
            try
            {
                var values = await DecodeAsync(pages, group, column, (int)chunk.Values, name, cancellationToken).ConfigureAwait(false);
                if (!column.KeepsPages) memory.Release(chunkFile.Bytes);
                return values;
            }
            catch (Exception e) when (e is NotSupportedException or NotImplementedException)
            {
                throw Refused(name, column, e is NotImplementedException ? "is encoded in a way of its own" : e.Message);
            }
            catch (Exception e) when (e is not (OperationCanceledException or MlOpsException))
            {
                throw Damaged(name, column, "its values cannot be read", e);
            }
        }
    }

    private static async ValueTask<ColumnValues> DecodeAsync(
        Stream pages, RowGroupLayout group, ParquetColumn column, int count, string name, CancellationToken cancellationToken)
    {
        var reader = await ParquetReader.CreateAsync(pages, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var convert = new ValueConversion(column, name);
            switch (column.Leaf.Physical)
            {
                case PhysicalType.Boolean:
                    var (booleans, present, _) = await RawAsync(reader, count, (byte)0x5A, (byte)0xA5, cancellationToken)
                        .ConfigureAwait(false);
                    return new ScalarValues<byte>(booleans, present, (to, value) => convert.Boolean(to, value != 0));
                case PhysicalType.Int32:
                    return await ScalarsAsync(reader, count, 0x5A5A5A5A, -0x5A5A5A5B, convert.Int32, cancellationToken)
                        .ConfigureAwait(false);
                case PhysicalType.Int64:
                    return await ScalarsAsync(reader, count, 0x5A5A5A5A5A5A5A5A, -0x5A5A5A5A5A5A5A5B, convert.Int64, cancellationToken)
                        .ConfigureAwait(false);
                case PhysicalType.Double:
                    return await ScalarsAsync(reader, count, -1.2345e-300, 5.4321e300, convert.Double, cancellationToken)
                        .ConfigureAwait(false);
                case PhysicalType.Float when column.Kind == ValueKind.Vector:
                    var (values, definitions, repetitions) = await RawAsync(reader, count, -1.2345e-30f, 5.4321e30f, cancellationToken)
                        .ConfigureAwait(false);
                    return VectorValues.Of(
                        values,
                        definitions!,
                        repetitions!,
                        column.Node.Repetition == Repetition.Optional,
                        column.Leaf.Repetition == Repetition.Optional,
                        group.Rows);
                case PhysicalType.Float:
                    return await ScalarsAsync(reader, count, -1.2345e-30f, 5.4321e30f, convert.Single, cancellationToken)
                        .ConfigureAwait(false);
                default:
                    return await ScalarsAsync<ReadOnlyMemory<byte>>(reader, count, Nothing, NothingElse, convert.Bytes, cancellationToken)
                        .ConfigureAwait(false);
            }
        }
    }

    private static async ValueTask<ColumnValues> ScalarsAsync<T>(
        ParquetReader reader,
        int count,
        T mark,
        T otherMark,
        Action<Data.ColumnBuilder, T> append,
        CancellationToken cancellationToken)
        where T : struct
    {
        var (values, levels, _) = await RawAsync(reader, count, mark, otherMark, cancellationToken).ConfigureAwait(false);
        return new ScalarValues<T>(values, levels, append);
    }

    // Parquet.Net does not say when a page had fewer values than its header. What was not read has the mark that was there before; a value
    // that equals it is read again over another mark.
    private static async ValueTask<(T[] Values, int[]? Definitions, int[]? Repetitions)> RawAsync<T>(
        ParquetReader reader, int count, T mark, T otherMark, CancellationToken cancellationToken)
        where T : struct
    {
        var field = reader.Schema.DataFields[0];
        var values = new T[count];
        var definitions = field.MaxDefinitionLevel > 0 ? new int[count] : null;
        var repetitions = field.MaxRepetitionLevel > 0 ? new int[count] : null;
        foreach (var unread in new[] { mark, otherMark })
        {
            values.AsSpan().Fill(unread);
            if (count > 0) await ReadAsync(reader, field, values, definitions, repetitions, cancellationToken).ConfigureAwait(false);
            var defined = definitions is null ? count : definitions.AsSpan().Count(field.MaxDefinitionLevel);
            if (defined == 0 || !EqualityComparer<T>.Default.Equals(values[defined - 1], unread)) return (values, definitions, repetitions);
        }

        throw new InvalidDataException("a page has fewer values than it says");
    }

    private static ValueTask ReadAsync<T>(
        ParquetReader reader,
        Parquet.Schema.DataField field,
        T[] values,
        int[]? definitions,
        int[]? repetitions,
        CancellationToken cancellationToken)
        where T : struct
    {
        var rows = reader.OpenRowGroupReader(0);
        Memory<int>? levels = definitions is null ? default(Memory<int>?) : definitions.AsMemory();
        Memory<int>? starts = repetitions is null ? default(Memory<int>?) : repetitions.AsMemory();
        return field.ClrType == typeof(bool)
            ? ReadBooleansAsync(rows, field, (byte[])(object)values, levels, cancellationToken)
            : rows.ReadRawAsync<T>(field, values, levels, starts, cancellationToken);
    }

    // Bytes, because a boolean has no third value to tell what was not read.
    private static async ValueTask ReadBooleansAsync(
        ParquetRowGroupReader rows, Parquet.Schema.DataField field, byte[] values, Memory<int>? levels, CancellationToken cancellationToken)
    {
        var booleans = new bool[values.Length];
        values.CopyTo(MemoryMarshal.AsBytes(booleans.AsSpan()));
        await rows.ReadRawAsync<bool>(field, booleans, levels, null, cancellationToken).ConfigureAwait(false);
        MemoryMarshal.AsBytes(booleans.AsSpan()).CopyTo(values);
    }

    private static MlOpsException Damaged(string name, ParquetColumn column, string what, Exception? cause = null) =>
        ParquetFailure.Damaged(name, what, cause, column.Field.Name);

    private static MlOpsException Refused(string name, ParquetColumn column, string what) => ParquetFailure.Refused(
        name, column.Field.Name, what, "Write it with other settings, such as pages of version 1 and Snappy; or read other columns.");
}
