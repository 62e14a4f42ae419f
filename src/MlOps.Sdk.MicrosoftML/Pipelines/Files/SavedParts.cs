using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The saved form of what is made by ML.NET: eight bytes that name the form, a SHA-256 of what follows, the length of the header, the
/// header and the canonical zip.
/// </summary>
internal static class SavedParts
{
    private const int HashAt = 8;
    private const int LengthAt = HashAt + SHA256.HashSizeInBytes;
    private const int HeaderAt = LengthAt + sizeof(int);

    private static ReadOnlySpan<byte> Magic => "MLOPSNET"u8;

    /// <summary>Writes the parts.</summary>
    /// <param name="to">Where to write.</param>
    /// <param name="header">The header.</param>
    /// <param name="zip">The bytes of a <see cref="CanonicalZip"/>.</param>
    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> header, ReadOnlySpan<byte> zip)
    {
        var bytes = to.GetSpan(HeaderAt + header.Length + zip.Length)[..(HeaderAt + header.Length + zip.Length)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[LengthAt..], header.Length);
        header.CopyTo(bytes[HeaderAt..]);
        zip.CopyTo(bytes[(HeaderAt + header.Length)..]);
        SHA256.HashData(bytes[LengthAt..], bytes[HashAt..LengthAt]);
        to.Advance(bytes.Length);
    }

    /// <summary>Reads the parts, and checks that they are as they were written.</summary>
    /// <param name="bytes">The saved form; nothing in it is believed unchecked.</param>
    /// <param name="what">What was saved, for messages.</param>
    /// <exception cref="MlOpsException">The bytes are damaged.</exception>
    public static (ReadOnlyMemory<byte> Header, byte[] Zip) Read(ReadOnlyMemory<byte> bytes, string what)
    {
        var span = bytes.Span;
        if (span.Length < HeaderAt || !span.StartsWith(Magic)) throw Damaged(what, "the first bytes are not its own");
        if (!SHA256.HashData(span[LengthAt..]).AsSpan().SequenceEqual(span[HashAt..LengthAt])) throw Damaged(what, "its hash is wrong");
        var length = BinaryPrimitives.ReadInt32LittleEndian(span[LengthAt..]);
        return length >= 0 && length <= span.Length - HeaderAt
            ? (bytes.Slice(HeaderAt, length), bytes[(HeaderAt + length)..].ToArray())
            : throw Damaged(what, "a length exceeds the bytes");
    }

    /// <summary>The error for bytes that are not what was saved.</summary>
    public static MlOpsException Damaged(string what, string why) => new(
        $"The saved {what} is damaged: {why}.",
        "Load it from a backup or another copy of the package, or train it again.");
}
