using System.IO.Compression;
using System.Text;

namespace MlOps.Sdk.Tests;

/// <summary>Changes entries of a zip, as a forger does.</summary>
internal static class ZipBytes
{
    public static byte[] EntryOf(ReadOnlyMemory<byte> file, string entry)
    {
        using var zip = new ZipArchive(new MemoryStream(file.ToArray()), ZipArchiveMode.Read);
        using var stream = zip.GetEntry(entry)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    public static string[] NamesOf(ReadOnlyMemory<byte> file)
    {
        using var zip = new ZipArchive(new MemoryStream(file.ToArray()), ZipArchiveMode.Read);
        return [.. zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal)];
    }

    public static byte[] Rewrite(ReadOnlyMemory<byte> file, string entry, Func<string, string> change) =>
        Replace(file, entry, Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(EntryOf(file, entry)))));

    public static byte[] Replace(ReadOnlyMemory<byte> file, string entry, byte[] content) => Change(file, zip =>
    {
        zip.GetEntry(entry)!.Delete();
        using var stream = zip.CreateEntry(entry).Open();
        stream.Write(content);
    });

    public static byte[] Add(ReadOnlyMemory<byte> file, string entry, byte[] content) => Change(file, zip =>
    {
        using var stream = zip.CreateEntry(entry).Open();
        stream.Write(content);
    });

    public static byte[] Remove(ReadOnlyMemory<byte> file, string entry) => Change(file, zip => zip.GetEntry(entry)!.Delete());

    private static byte[] Change(ReadOnlyMemory<byte> file, Action<ZipArchive> change)
    {
        using var bytes = new MemoryStream();
        bytes.Write(file.Span);
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Update, leaveOpen: true)) change(zip);
        return bytes.ToArray();
    }
}
