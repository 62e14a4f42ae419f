using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// A part of a window as it is stored: a version, the hash of the baseline, a check sum, and the profiles, which are compressed.
/// </summary>
internal static class PaneFile
{
    private const byte FormatVersion = 1;
    private const int MostBytes = 256 * 1024 * 1024;

    public static byte[] Write(MonitoringWindow window, WindowShape shape)
    {
        var profiles = new ArrayBufferWriter<byte>();
        window.Save(profiles);
        using var compressed = new MemoryStream();
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(profiles.WrittenSpan);
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new BinaryOutput(bytes);
        writer.Byte(FormatVersion);
        writer.Int64(shape.Hash);
        writer.Int32(profiles.WrittenCount);
        bytes.Write(SHA256.HashData(profiles.WrittenSpan));
        writer.Int32((int)compressed.Length);
        bytes.Write(compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        return bytes.WrittenSpan.ToArray();
    }

    /// <exception cref="MlOpsException">The bytes are damaged, of another version of the format, or beside another baseline.</exception>
    public static MonitoringWindow Read(ReadOnlySpan<byte> bytes, string model, int version, WindowShape shape, int minimumRows)
    {
        var reader = new BinaryInput(bytes, "part of a window", "It is left out; nothing needs to be done.");
        reader.Version(FormatVersion);
        if (reader.Int64() != shape.Hash) throw reader.Damaged("it is beside another baseline");
        var length = reader.Int32();
        if (length is < 0 or > MostBytes) throw reader.Damaged("its length is impossible");
        var sum = reader.Bytes(SHA256.HashSizeInBytes);
        var compressed = reader.Bytes(reader.Length(1));
        reader.End();
        var profiles = new byte[length];
        try
        {
            using var deflate = new DeflateStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            deflate.ReadExactly(profiles);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw reader.Damaged("it cannot be decompressed");
        }

        if (!SHA256.HashData(profiles).AsSpan().SequenceEqual(sum)) throw reader.Damaged("its check sum differs");
        var content = new BinaryInput(profiles, "part of a window", "It is left out; nothing needs to be done.");
        var window = MonitoringWindow.Read(ref content, model, version, shape, minimumRows);
        content.End();
        return window;
    }
}
