using System.Buffers.Binary;
using System.IO.Hashing;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Reads the pages of a column, checks them, and hands them to Parquet.Net as a small file of one uncompressed column in memory, whose
/// every header is ours: its reader trusts the headers of a file, and neither ends at their end nor limits what it allocates for them.
/// </summary>
internal sealed class ChunkFile(ParquetColumn column, ChunkLayout chunk, EndingStream to, UnpackedBytes memory)
{
    private const int Plain = 0;
    private const int BitPacked = 4;
    private const int Rle = 3;
    private const int MaxMiniblock = 1 << 20;

    // The reader wants it in one piece of memory.
    private const long MaxPages = int.MaxValue - (1 << 20);
    private bool _hasDictionary;

    private bool HasDefinitions => column.HasDefinitions;

    private bool HasRepetitions => column.HasRepetitions;

    /// <summary>The memory that the pages take.</summary>
    public long Bytes { get; private set; }

    /// <exception cref="InvalidDataException">A page is damaged.</exception>
    /// <exception cref="MlOpsException">The pages take more memory than they may.</exception>
    public async ValueTask ReadAsync(Stream file, long dataEnd, int rows, CancellationToken cancellationToken)
    {
        to.Write("PAR1"u8);
        var at = chunk.Start;
        for (long values = 0; values < chunk.Values;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var header = await PageHeader.ReadAsync(file, at, dataEnd, cancellationToken).ConfigureAwait(false);
            at = file.Position + header.Compressed;
            if (at > dataEnd) throw new EndOfStreamException();
            if (header.Type is not (0 or 2 or 3)) continue;
            Take(header);
            var packed = new byte[header.Compressed];
            await file.ReadExactlyAsync(packed, cancellationToken).ConfigureAwait(false);
            if (header.Crc is { } crc && Crc32.HashToUInt32(packed) != crc)
            {
                throw new InvalidDataException("the checksum of a page is wrong");
            }
            if (header.Type == 2)
            {
                WriteDictionary(header, packed);
                continue;
            }

            values += header.Values;
            if (header.Values == 0 || values > chunk.Values)
            {
                throw new InvalidDataException("the pages do not have as many values as they say");
            }
            WritePage(header, packed);
        }

        ChunkFooter.Write(to, column, chunk.Values, rows);
        to.Position = 0;
    }

    private void Take(PageHeader header)
    {
        if (header.Type == 2)
        {
            if (_hasDictionary) throw new InvalidDataException("the column has more than one dictionary");
            _hasDictionary = true;
        }

        Take(header.Uncompressed);
    }

    private void Take(long bytes)
    {
        memory.Take(bytes);
        Bytes += bytes;
        if (Bytes > MaxPages) throw new NotSupportedException("has values of more than 2 GB in a row group");
    }

    private void WriteDictionary(PageHeader header, byte[] packed)
    {
        var bytes = PageCompression.Unpack(chunk.Codec, packed, header.Uncompressed);

        // An entry has one byte at least.
        if (header.Values > bytes.Length) throw new InvalidDataException("the dictionary does not have as many values as it says");
        var page = new ThriftStruct { [1] = ThriftValue.Of(header.Values), [2] = ThriftValue.Of(Plain) };
        WriteHeader(2, 7, page, bytes.Length);
        to.Write(bytes);
    }

    private void WritePage(PageHeader header, byte[] packed)
    {
        if (header.LevelEncoding != Rle && HasDefinitions) throw new NotSupportedException("has levels in a deprecated encoding");
        var levels = header.RepetitionBytes + header.DefinitionBytes;
        var packedValues = packed.AsMemory(levels);
        var length = header.Uncompressed - levels;
        var values = header.IsCompressed
            ? PageCompression.Unpack(chunk.Codec, packedValues, length)
            : PageCompression.Unpack(0, packedValues, length);
        if (header.Type == 0) levels = LevelsOf(values);
        else if (header.RepetitionBytes > 0 && !HasRepetitions || header.DefinitionBytes > 0 && !HasDefinitions)
        {
            throw new InvalidDataException("a page has levels where the column has none");
        }

        // A page of version 2 becomes one of version 1, whose levels begin with their length.
        var page = new MemoryStream();
        if (header.Type == 3)
        {
            if (HasRepetitions) WriteLevels(page, packed.AsSpan(0, header.RepetitionBytes));
            if (HasDefinitions) WriteLevels(page, packed.AsSpan(header.RepetitionBytes, header.DefinitionBytes));
        }
        else
        {
            page.Write(values, 0, levels);
            values = values[levels..];
        }

        var encoding = header.Encoding;
        if (encoding == Rle && column.Kind == ValueKind.Boolean)
        {
            values = RunLengthBooleans.ToPlain(values, header.Values);
            encoding = Plain;
        }
        else if (encoding is Rle or BitPacked)
        {
            throw new NotSupportedException("has values in a deprecated encoding");
        }
        else if (encoding is 5 or 6 or 7)
        {
            CheckDeltas(values);
            if (encoding == 7 && values.Length > 0) Take(PrefixLengths.Sum(values, header.Values));
        }

        page.Write(values);
        WriteHeader(
            0,
            5,
            new ThriftStruct
            {
                [1] = ThriftValue.Of(header.Values),
                [2] = ThriftValue.Of(encoding),
                [3] = ThriftValue.Of(Rle),
                [4] = ThriftValue.Of(Rle),
            },
            (int)page.Length);
        page.WriteTo(to);
    }

    private int LevelsOf(byte[] page)
    {
        var at = 0;
        for (var i = (HasRepetitions ? 1 : 0) + (HasDefinitions ? 1 : 0); i > 0; i--)
        {
            var length = at + sizeof(int) <= page.Length ? BinaryPrimitives.ReadInt32LittleEndian(page.AsSpan(at)) : -1;
            at += sizeof(int);
            if (length < 0 || length > page.Length - at) throw new InvalidDataException("the levels of a page are longer than the page");
            at += length;
        }

        return at;
    }

    private static void WriteLevels(MemoryStream page, ReadOnlySpan<byte> levels)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, levels.Length);
        page.Write(length);
        page.Write(levels);
    }

    // The size of a block is what the reader allocates.
    private static void CheckDeltas(byte[] values)
    {
        if (values.Length == 0) return;
        var at = 0;
        var block = Varint();
        var miniblocks = Varint();
        if (miniblocks == 0 || block / miniblocks is 0 or > MaxMiniblock || miniblocks > MaxMiniblock)
        {
            throw new InvalidDataException("the differences of a page are out of range");
        }

        ulong Varint()
        {
            ulong result = 0;
            for (var shift = 0; shift < 63; shift += 7)
            {
                if (at == values.Length) throw new EndOfStreamException();
                result |= (ulong)(values[at] & 0x7F) << shift;
                if (values[at++] < 0x80) return result;
            }

            throw new InvalidDataException("a number does not end");
        }
    }

    private void WriteHeader(int type, short kind, ThriftStruct page, int length) => to.Write(ThriftWriter.ToBytes(new ThriftStruct
    {
        [1] = ThriftValue.Of(type),
        [2] = ThriftValue.Of(length),
        [3] = ThriftValue.Of(length),
        [kind] = ThriftValue.Of(page),
    }));
}
