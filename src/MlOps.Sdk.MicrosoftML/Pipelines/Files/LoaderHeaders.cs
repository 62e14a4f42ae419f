using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Finds, without loading anything, the assemblies that ML.NET would load with a model. Each part of a model begins with a header that
/// names the assembly of its loader. Parts are entries of the file or lie within entries, so headers are looked for everywhere.
/// </summary>
internal static class LoaderHeaders
{
    // Offsets of ML.NET's ModelHeader, which has been the same since version 1.0; integers are little-endian.
    private const int Size = 0x100;
    private const int VersionAt = 0x08;
    private const int ModelAt = 0x10;
    private const int StringTableAt = 0x20;
    private const int StringTableSizeAt = 0x28;
    private const int StringCharsAt = 0x30;
    private const int StringCharsSizeAt = 0x38;
    private const int SignatureAt = 0x40;
    private const int ModelVersionAt = 0x48;
    private const int LoaderAt = 0x50;
    private const int SecondLoaderAt = 0x68;
    private const int LoaderSize = 24;
    private const int AssemblyNameAt = 0x90;
    private const int AssemblyNameSizeAt = 0x98;
    private const uint FirstVersionWithAssembly = 0x00010002;

    // "ML MODEL" with a zero for the blank.
    private static ReadOnlySpan<byte> Magic => "ML\0MODEL"u8;

    // A custom mapping names the assembly of its code in its body.
    private static ReadOnlySpan<byte> CustomMapping => "CUSTOMXF"u8;

    /// <summary>The assemblies that a file requests, each with the first entry that does.</summary>
    /// <exception cref="MlOpsException">The file is not a model, or a header in it is broken.</exception>
    public static IReadOnlyList<LoaderName> Of(CanonicalZip file)
    {
        var names = new Dictionary<string, LoaderName>(StringComparer.Ordinal);
        foreach (var (entry, content, at) in Headers(file))
        {
            foreach (var assembly in Read(content.AsSpan(at), entry)) names.TryAdd(assembly, new LoaderName(entry, assembly));
        }

        return [.. names.Values.OrderBy(name => name.Assembly, StringComparer.Ordinal)];
    }

    /// <summary>The names of the loaders that a file requests, those of the second choice too, each with the entry that does.</summary>
    /// <exception cref="MlOpsException">The file is not a model, or a header in it is broken.</exception>
    public static IReadOnlyList<(string Entry, string Loader)> LoadersOf(CanonicalZip file)
    {
        var loaders = new List<(string, string)>();
        foreach (var (entry, content, at) in Headers(file))
        {
            var part = content.AsSpan(at);
            if (part.Length < Size) throw Broken(entry);
            foreach (var position in new[] { LoaderAt, SecondLoaderAt })
            {
                var name = Encoding.Latin1.GetString(part.Slice(position, LoaderSize)).TrimEnd('\0');
                if (name.Length > 0) loaders.Add((entry, name));
            }
        }

        return loaders;
    }

    private static List<(string Entry, byte[] Content, int At)> Headers(CanonicalZip file)
    {
        var headers = new List<(string, byte[], int)>();
        foreach (var (entry, content) in file.Entries)
        {
            for (var at = content.AsSpan().IndexOf(Magic); at >= 0;)
            {
                headers.Add((entry, content, at));
                var next = content.AsSpan(at + Magic.Length).IndexOf(Magic);
                at = next < 0 ? -1 : at + Magic.Length + next;
            }
        }

        return headers.Count > 0
            ? headers
            : throw new MlOpsException(
                "The file is not a model of ML.NET: no part of it has a model's header.",
                "Give the zip that mlContext.Model.Save wrote.");
    }

    private static List<string> Read(ReadOnlySpan<byte> part, string entry)
    {
        if (part.Length < Size) throw Broken(entry);
        var names = new List<string>();
        if (UInt32(part, VersionAt) >= FirstVersionWithAssembly && Int64(part, AssemblyNameAt) != 0)
        {
            names.Add(Text(part, Int64(part, AssemblyNameAt), UInt32(part, AssemblyNameSizeAt), entry));
        }
        if (part.Slice(SignatureAt, CustomMapping.Length).SequenceEqual(CustomMapping)
            && UInt32(part, ModelVersionAt) >= FirstVersionWithAssembly)
        {
            // The body is two positions in the table of strings: the contract's name and the assembly's.
            var body = Slice(part, Int64(part, ModelAt), 2 * sizeof(int), entry);
            names.Add(String(part, BinaryPrimitives.ReadInt32LittleEndian(body[sizeof(int)..]), entry));
        }

        return names;
    }

    // The table has, for each string, where it ends among the characters of all strings.
    private static string String(ReadOnlySpan<byte> part, int index, string entry)
    {
        var table = Slice(part, Int64(part, StringTableAt), Int64(part, StringTableSizeAt), entry);
        if (index < 0 || index >= table.Length / sizeof(long)) throw Broken(entry);
        var start = index == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(table[((index - 1) * sizeof(long))..]);
        var end = BinaryPrimitives.ReadInt64LittleEndian(table[(index * sizeof(long))..]);
        if (start < 0 || start > end || end > Int64(part, StringCharsSizeAt)) throw Broken(entry);
        return Text(part, Int64(part, StringCharsAt) + start, end - start, entry);
    }

    private static string Text(ReadOnlySpan<byte> part, long at, long length, string entry)
    {
        if (length % sizeof(char) != 0) throw Broken(entry);
        var bytes = Slice(part, at, length, entry);
        var text = new char[length / sizeof(char)];
        bytes.CopyTo(MemoryMarshal.AsBytes(text.AsSpan()));
        return new string(text);
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> part, long at, long length, string entry) =>
        at >= Size && length >= 0 && at <= part.Length && length <= part.Length - at
            ? part.Slice((int)at, (int)length)
            : throw Broken(entry);

    private static uint UInt32(ReadOnlySpan<byte> part, int at) => BinaryPrimitives.ReadUInt32LittleEndian(part[at..]);

    private static long Int64(ReadOnlySpan<byte> part, int at) => BinaryPrimitives.ReadInt64LittleEndian(part[at..]);

    private static MlOpsException Broken(string entry) => new(
        $"The model file of ML.NET is rejected: a header in the entry '{Printable.Text(entry)}' is broken.",
        "Copy the file again from its origin, or train the model again.");
}
