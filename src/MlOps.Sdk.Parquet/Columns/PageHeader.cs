namespace MlOps.Sdk.Collection;

/// <summary>What stands before the values of a page.</summary>
internal sealed record PageHeader
{
    /// <summary>As many bytes are read to find a header.</summary>
    public const int UsualSize = 256;
    private const int MaxBytes = 1 << 30;
    private const int MaxHeader = 1 << 24;
    private const int MaxItems = 1_000;

    public required int Type { get; init; }

    public required int Uncompressed { get; init; }

    public required int Compressed { get; init; }

    public required uint? Crc { get; init; }

    public required int Values { get; init; }

    public required int Encoding { get; init; }

    /// <summary>How the levels of a page of version 1 are encoded; always 3, RLE, in version 2.</summary>
    public int LevelEncoding { get; init; } = 3;

    /// <summary>The bytes of the levels of a page of version 2, which are never compressed.</summary>
    public int RepetitionBytes { get; init; }

    public int DefinitionBytes { get; init; }

    public bool IsCompressed { get; init; } = true;

    /// <summary>Reads the header at a place, and leaves the file behind it.</summary>
    public static async ValueTask<PageHeader> ReadAsync(Stream file, long at, long end, CancellationToken cancellationToken)
    {
        for (var size = UsualSize; ; size *= 16)
        {
            var window = new byte[(int)Math.Clamp(end - at, 0, size)];
            file.Position = at;
            await file.ReadExactlyAsync(window, cancellationToken).ConfigureAwait(false);
            try
            {
                var reader = new ThriftReader(window, MaxItems);
                var header = Of(reader.ReadStruct());
                file.Position = at + reader.Position;
                return header;
            }
            catch (NotSupportedException e)
            {
                throw new InvalidDataException("the header of a page has too many parts", e);
            }
            catch (EndOfStreamException) when (window.Length < end - at && size < MaxHeader)
            {
                // Texts of statistics may be long.
            }
        }
    }

    private static PageHeader Of(ThriftStruct page)
    {
        var type = page.Int32(1) ?? -1;
        var (data, values, encoding) = type switch
        {
            0 => (page.Struct(5), page.Struct(5)?.Int32(1), page.Struct(5)?.Int32(2)),
            2 => (page.Struct(7), page.Struct(7)?.Int32(1), 0),
            3 => (page.Struct(8), page.Struct(8)?.Int32(1), page.Struct(8)?.Int32(4)),
            _ => (null, 0, 0),
        };
        var header = new PageHeader
        {
            Type = type,
            Uncompressed = page.Int32(2) ?? -1,
            Compressed = page.Int32(3) ?? -1,
            Crc = (uint?)page.Int32(4),
            Values = values ?? -1,
            Encoding = encoding ?? -1,
            LevelEncoding = type == 0 ? data?.Int32(3) ?? 3 : 3,
            RepetitionBytes = type == 3 ? data?.Int32(6) ?? 0 : 0,
            DefinitionBytes = type == 3 ? data?.Int32(5) ?? 0 : 0,
            IsCompressed = type != 3 || data?.Flag(7) != false,
        };
        var levels = (long)header.RepetitionBytes + header.DefinitionBytes;
        return header is { Uncompressed: >= 0 and <= MaxBytes, Compressed: >= 0 and <= MaxBytes, Values: >= 0, Encoding: >= 0 }
            && header is { RepetitionBytes: >= 0, DefinitionBytes: >= 0 }
            && levels <= Math.Min(header.Compressed, header.Uncompressed)
                ? header
                : throw new InvalidDataException("the header of a page is out of range");
    }
}
