using System.IO.Compression;
using K4os.Compression.LZ4;
using Snappier;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Unpacks pages to exactly the length that their header says: memory is taken as bytes come, never because a damaged file asks for it.
/// </summary>
internal static class PageCompression
{
    /// <summary>Why the values of a compression cannot be read; <see langword="null"/> where they can.</summary>
    public static string? Refuse(int codec) => codec switch
    {
        0 or 1 or 2 or 4 or 6 or 7 => null,
        3 => "is compressed with LZO",
        5 => "is compressed with LZ4 in the deprecated framing of Hadoop",
        _ => "has an unknown compression",
    };

    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    public static byte[] Unpack(int codec, ReadOnlyMemory<byte> packed, int length)
    {
        var bytes = codec switch
        {
            0 => packed.ToArray(),
            1 => Snappy.GetUncompressedLength(packed.Span) == length ? Snappy.DecompressToArray(packed.Span) : [],
            2 => Copy(new GZipStream(Read(packed), CompressionMode.Decompress), length),
            4 => Copy(new BrotliStream(Read(packed), CompressionMode.Decompress), length),
            6 => Copy(new ZstdSharp.DecompressionStream(Read(packed)), length),
            _ => UnpackLz4(packed.Span, length),
        };
        return bytes.Length == length ? bytes : throw new InvalidDataException("a page does not have the length that it says");
    }

    private static MemoryStream Read(ReadOnlyMemory<byte> packed) => new(packed.ToArray(), writable: false);

    private static byte[] Copy(Stream from, int length)
    {
        using (from)
        {
            var to = new MemoryStream();
            var buffer = new byte[Math.Min(length + 1, 81_920)];
            for (int read; to.Length <= length && (read = from.Read(buffer)) > 0;) to.Write(buffer, 0, read);
            return to.ToArray();
        }
    }

    private static byte[] UnpackLz4(ReadOnlySpan<byte> packed, int length)
    {
        // A byte of LZ4 unpacks to 255 at most.
        if (length > 255L * packed.Length + 64) return [];
        var bytes = new byte[length];
        return length == 0 || LZ4Codec.Decode(packed, bytes) == length ? bytes : throw new InvalidDataException("a page is damaged");
    }
}
