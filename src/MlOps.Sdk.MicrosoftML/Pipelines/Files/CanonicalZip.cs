using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// A model file of ML.NET whose names, sizes and checksums have been checked. Written again, its entries are sorted by name, carry no time
/// and are not compressed, so that the same training gives the same bytes. Immutable and thread-safe.
/// </summary>
internal sealed class CanonicalZip
{
    /// <summary>How many bytes the entries may have together when they are unpacked: 1 GiB.</summary>
    public const long LargestSize = 1L << 30;

    /// <summary>How many entries there may be.</summary>
    public const int MostEntries = 65_536;

    private const string VersionEntry = "TrainingInfo/Version.txt";
    private const string Remedy = "Copy the file again from its origin, or train the model again.";

    // No zip can say an earlier time.
    private static readonly DateTimeOffset s_time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create(":*?\"<>|");

    private readonly SortedDictionary<string, byte[]> _entries;

    private byte[]? _bytes;

    private CanonicalZip(SortedDictionary<string, byte[]> entries) => _entries = entries;

    /// <summary>The entries by name, with <c>/</c> between folders, in ordinal order.</summary>
    public IReadOnlyDictionary<string, byte[]> Entries => _entries;

    /// <summary>The version of ML.NET that wrote the model; <see langword="null"/> when the file does not say.</summary>
    public string? WrittenBy =>
        _entries.TryGetValue(VersionEntry, out var text)
            && Encoding.UTF8.GetString(text).Trim('\uFEFF', ' ', '\r', '\n') is { Length: > 0 } v
            ? Printable.Text(v)
            : null;

    /// <summary>Unpacks a file in memory.</summary>
    /// <param name="bytes">The file; nothing in it is believed unchecked.</param>
    /// <param name="largestSize">How many bytes the entries may have together.</param>
    /// <exception cref="MlOpsException">It is not a zip, is damaged or too large, or has names that no model has.</exception>
    public static CanonicalZip Read(Stream bytes, long largestSize = LargestSize)
    {
        try
        {
            using var archive = new ZipArchive(bytes, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.Entries.Count > MostEntries) throw Refused($"it has {archive.Entries.Count} entries");
            var entries = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

            // Before anything is unpacked.
            var left = largestSize;
            foreach (var entry in archive.Entries)
            {
                if (entry.Length < 0 || entry.Length > left) throw Refused($"its entries have more than {largestSize} bytes");
                left -= entry.Length;
            }
            foreach (var entry in archive.Entries)
            {
                // Old versions of ML.NET write backslashes on Windows.
                var name = entry.FullName.Replace('\\', '/');
                if (name.EndsWith('/') && entry.Length == 0) continue;
                CheckName(name);
                if (!known.Add(name)) throw Refused($"the entry '{Printable.Text(name)}' occurs twice");
                entries.Add(name, Unpack(entry, name));
            }

            return new CanonicalZip(entries);
        }
        catch (Exception e) when (e is not (MlOpsException or OutOfMemoryException))
        {
            throw new MlOpsException($"The model file of ML.NET cannot be unpacked: {e.Message.TrimEnd('.')}.", Remedy, e);
        }
    }

    /// <inheritdoc cref="Read(Stream, long)"/>
    public static CanonicalZip Read(byte[] bytes, long largestSize = LargestSize) =>
        Read(new MemoryStream(bytes, writable: false), largestSize);

    /// <summary>The file; the same bytes for the same entries. They are written once, and not to be changed.</summary>
    public byte[] ToBytes() => _bytes ??= Write();

    private byte[] Write()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in _entries)
            {
                // Stored as it is: what compression makes of it depends on the version of the runtime, and packages compress anyway.
                var entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
                entry.LastWriteTime = s_time;
                using var to = entry.Open();
                to.Write(content);
            }
        }

        return bytes.ToArray();
    }

    // The length that an entry declares may be a lie, so it bounds what is read and is not allocated in advance.
    private static byte[] Unpack(ZipArchiveEntry entry, string name)
    {
        if (entry.IsEncrypted) throw Refused($"the entry '{Printable.Text(name)}' is encrypted");
        using var from = entry.Open();
        using var content = new MemoryStream();
        var buffer = new byte[81_920];
        while (from.Read(buffer) is > 0 and var count)
        {
            if (content.Length + count > entry.Length) throw Refused($"the entry '{Printable.Text(name)}' is larger than declared");
            content.Write(buffer, 0, count);
        }

        var unpacked = content.ToArray();
        if (unpacked.Length != entry.Length) throw Refused($"the entry '{Printable.Text(name)}' is smaller than declared");
        return Crc32.Of(unpacked) == entry.Crc32
            ? unpacked
            : throw Refused($"the checksum of the entry '{Printable.Text(name)}' is wrong");
    }

    private static void CheckName(string name)
    {
        if (name.Length is 0 or > 1024
            || name.AsSpan().ContainsAny(s_forbidden)
            || name.Any(char.IsControl)
            || name.Split('/').Any(part => part.Trim() is "" or "." or ".."))
        {
            throw Refused($"the name of the entry '{Printable.Text(name)}' is not allowed");
        }
    }

    private static MlOpsException Refused(string why) => new($"The model file of ML.NET is rejected: {why}.", Remedy);
}
