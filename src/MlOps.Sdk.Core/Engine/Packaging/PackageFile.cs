using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// Writes and reads packages: a zip with a manifest that holds the hash of every entry. Reading runs no code that was not registered;
/// names, sizes and hashes are checked before anything is used.
/// </summary>
internal static class PackageFile
{
    private const string ManifestName = "manifest.json";
    private const string GraphName = "graph.json";
    private const string ModelName = "model.bin";
    private const string DecisionName = "decision.json";
    private const string BaselineName = "baseline.bin";
    private const string GoldenName = "golden.json";
    private const string ProblemName = "problem.json";
    private const string FactsName = "run.json";
    private const string InputsName = "inputs.json";
    private const int MaxManifestLength = 1024 * 1024;

    // All entries together, uncompressed: what one array can hold.
    private const long MaxLength = 2L * 1024 * 1024 * 1024 - 1024;

    // More than this, and more than a hundred times the file, is not a package but a file that unpacks to what takes the memory.
    private const long FreeLength = 64L * 1024 * 1024;
    private const int MaxRatio = 100;

    private static readonly string[] Required = [GraphName, ModelName, DecisionName, BaselineName, GoldenName, ProblemName, FactsName];

    // Packages of models that declare nothing, and those of earlier versions, do not have it.
    private static readonly string[] Known = [.. Required, InputsName];
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a package.</summary>
    /// <param name="package">The package.</param>
    /// <param name="signer">Who signs it; <see langword="null"/> for nobody.</param>
    /// <exception cref="MlOpsException">It is larger than one that can be read.</exception>
    public static PackageContent Write(ModelPackage package, PackageSigner? signer = null)
    {
        var content = new SortedDictionary<string, (byte[] Bytes, bool Decisive)>(StringComparer.Ordinal)
        {
            [GraphName] = (Bytes(package.Graph.Save), true),
            [ModelName] = (Bytes(package.Parts.Model.Save), true),
            [DecisionName] = (Json(package.Decision, PackageJson.Default.Decision), true),
            [BaselineName] = (Bytes(package.Baseline.Save), true),
            [GoldenName] = (Json(package.Golden, PackageJson.Default.GoldenRows), true),
            [ProblemName] = (Json(package.Problem, PackageJson.Default.ProblemDefinition), false),
            [FactsName] = (Json(package.Facts, PackageJson.Default.RunFacts), false),
        };
        if (package.Inputs is { } inputs) content[InputsName] = (Json(inputs, PackageJson.Default.InputContract), true);
        var entries = content.ToDictionary(
            entry => entry.Key,
            entry => new PackageEntry
            {
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(entry.Value.Bytes)),
                Length = entry.Value.Bytes.Length,
                Decisive = entry.Value.Decisive
            });
        var contentHash = ContentHash(package.Parts.Model.FormatId, package.Parts.Model.RefusesMissing, entries);
        var manifest = new PackageManifest
        {
            Format = PackageManifest.CurrentFormat,
            Model = package.Name,
            ModelFormat = package.Parts.Model.FormatId,
            ReadsColumns = package.RowModel is not null,
            RefusesMissing = package.Parts.Model.RefusesMissing,
            ContentHash = contentHash,
            Entries = entries,
        };

        var length = entries.Values.Sum(entry => entry.Length);
        if (length > MaxLength)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"The model and its parts have {length:N0} bytes, more than a package can hold."),
                "Train a smaller model, or one with fewer features.");
        }
        var manifestBytes = Json(manifest, PackageJson.Default.PackageManifest);
        (string Name, byte[] Content)? signature = signer is null ? null : PackageSeal.SignManifest(manifestBytes, signer);
        var file = Zip(CompressionLevel.Fastest);
        return new PackageContent(IsTooDense(length, file.Length) ? Zip(CompressionLevel.NoCompression) : file, contentHash);

        byte[] Zip(CompressionLevel compression)
        {
            using var stream = new MemoryStream();
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            {
                Add(zip, ManifestName, manifestBytes, compression);
                if (signature is { } beside) Add(zip, beside.Name, beside.Content, compression);
                foreach (var (name, (bytes, _)) in content) Add(zip, name, bytes, compression);
            }

            return stream.ToArray();
        }
    }

    /// <summary>Reads a package.</summary>
    /// <exception cref="MlOpsException">
    /// The file is not a package, is damaged, too new, or needs a reader that is not registered.
    /// </exception>
    public static ModelPackage Read(ReadOnlyMemory<byte> bytes, FormatReaders readers)
    {
        readers.Verify?.Invoke(bytes);
        return Reading(() =>
        {
            using var zip = new ZipArchive(Open(bytes), ZipArchiveMode.Read);
            var manifest = ReadManifest(zip);
            CheckLengths(zip, manifest, bytes.Length);
            var content = ReadEntries(zip, manifest);
            FeatureGraph? graph = null;
            TrainedModel? model = null;
            try
            {
                graph = FeatureGraph.Read(content[GraphName], readers);
                model = TrainedModel.Read(
                    readers, manifest.ModelFormat, content[ModelName], manifest.ReadsColumns, manifest.RefusesMissing);
                var parts = new PackageParts
                {
                    Name = manifest.Model,
                    Problem = FromJson(content[ProblemName], PackageJson.Default.ProblemDefinition),
                    Graph = graph,
                    Model = model,
                    Decision = FromJson(content[DecisionName], PackageJson.Default.Decision),
                    Baseline = PackageBaseline.Read(content[BaselineName]),
                    Facts = FromJson(content[FactsName], PackageJson.Default.RunFacts),
                    Golden = FromJson(content[GoldenName], PackageJson.Default.GoldenRows),
                    Inputs = content.TryGetValue(InputsName, out var inputs) ? FromJson(inputs, PackageJson.Default.InputContract) : null,
                };
                if (parts.Golden.Rows.Length == 0) throw Damaged("it has no golden rows, so its predictions cannot be verified");
                return new ModelPackage(parts, manifest.ContentHash);
            }
            catch
            {
                model?.Dispose();
                graph?.Dispose();
                throw;
            }
        });
    }

    /// <summary>Reads something of a package.</summary>
    /// <exception cref="MlOpsException">The file is not a package, or is damaged.</exception>
    public static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e)
            when (e is InvalidDataException or JsonException or EndOfStreamException or NotSupportedException or IOException)
        {
            throw Damaged(e.Message, e);
        }
    }

    // A zip is read by jumping to and fro, which streams over an array can do. Only memory that is not an array is copied.
    internal static MemoryStream Open(ReadOnlyMemory<byte> bytes)
    {
        ZipDirectory.RequireSmall(bytes.Span);
        return MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
    }

    private static PackageManifest ReadManifest(ZipArchive zip)
    {
        var manifest = FromJson(ReadManifestBytes(zip), PackageJson.Default.PackageManifest);
        if (manifest.Format < 1) throw Damaged($"its format is {manifest.Format}");
        if (manifest.Format > PackageManifest.CurrentFormat)
        {
            throw new MlOpsException(
                $"The package has format {manifest.Format}, and this version of the library reads up to {PackageManifest.CurrentFormat}.",
                "Update MlOps.Sdk.");
        }
        return manifest;
    }

    internal static byte[] ReadManifestBytes(ZipArchive zip)
    {
        var entries = zip.Entries.Where(entry => entry.FullName == ManifestName).ToArray();
        if (entries.Length != 1) throw Damaged(entries.Length == 0 ? "it has no manifest" : "it has two manifests");
        return ReadBounded(entries[0], MaxManifestLength);
    }

    private static bool IsBeside(ZipArchiveEntry entry) => entry.FullName == ManifestName || PackageSeal.Has(entry.FullName);

    // Before anything but the manifest is unpacked.
    private static void CheckLengths(ZipArchive zip, PackageManifest manifest, int fileLength)
    {
        if (manifest.Entries.Values.Any(entry => entry is null)) throw Damaged("the manifest names an entry without hash");
        if (Required.FirstOrDefault(name => !manifest.Entries.ContainsKey(name)) is { } missing)
        {
            throw Damaged($"the manifest does not name '{missing}'");
        }
        if (manifest.Entries.Keys.FirstOrDefault(name => !Known.Contains(name)) is { } unknown)
        {
            throw Damaged($"the manifest names '{Shown(unknown)}', which is not part of a package");
        }
        long length = 0;
        foreach (var entry in zip.Entries)
        {
            if (IsBeside(entry)) continue;
            if (!manifest.Entries.TryGetValue(entry.FullName, out var expected))
            {
                throw Damaged($"the entry '{Shown(entry.FullName)}' is not in the manifest");
            }
            if (expected.Length < 0 || expected.Length > MaxLength || entry.Length != expected.Length)
            {
                throw Damaged($"the entry '{Shown(entry.FullName)}' has {entry.Length} bytes where the manifest says {expected.Length}");
            }

            // As often as it appears.
            length += expected.Length;
            if (length > MaxLength || IsTooDense(length, fileLength))
            {
                throw new MlOpsException(
                    FormattableString.Invariant(
                        $"The model package cannot be read: its {fileLength:N0} bytes decompress to {length:N0} bytes or more."),
                    "Do not trust it if it came from elsewhere. A package of version 0.1 that is compressed this much can no longer be " +
                        "read: "
                        + "run the lifecycle again, or deploy another version.");
            }
        }
    }

    private static bool IsTooDense(long length, long fileLength) => length > FreeLength && length / MaxRatio > fileLength;

    private static Dictionary<string, byte[]> ReadEntries(ZipArchive zip, PackageManifest manifest)
    {
        var content = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            if (IsBeside(entry)) continue;
            var expected = manifest.Entries[entry.FullName];
            if (content.ContainsKey(entry.FullName)) throw Damaged($"the entry '{Shown(entry.FullName)}' appears twice");
            var bytes = ReadBounded(entry, expected.Length);
            if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != expected.Sha256)
            {
                throw Damaged($"the entry '{Shown(entry.FullName)}' does not have the hash in the manifest");
            }
            content.Add(entry.FullName, bytes);
        }

        if (manifest.Entries.Keys.FirstOrDefault(name => !content.ContainsKey(name)) is { } absent)
        {
            throw Damaged($"the entry '{Shown(absent)}' is missing");
        }

        // Which entries are decisive is fixed by the format, not by what a manifest claims.
        foreach (var name in manifest.Entries.Keys)
        {
            if (manifest.Entries[name].Decisive != name is not (ProblemName or FactsName))
            {
                throw Damaged($"the manifest has a wrong value for '{name}'");
            }
        }

        if (ContentHash(manifest.ModelFormat, manifest.RefusesMissing, manifest.Entries) != manifest.ContentHash)
        {
            throw Damaged("its content hash does not match its entries");
        }
        return content;
    }

    // The length was held to the file's before, so it can be allocated; the entry may still have fewer bytes, or more.
    internal static byte[] ReadBounded(ZipArchiveEntry entry, long limit)
    {
        if (entry.Length < 0 || entry.Length > limit) throw Damaged($"the entry '{Shown(entry.FullName)}' is longer than {limit} bytes");
        using var stream = entry.Open();
        var bytes = new byte[entry.Length];
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length && stream.ReadByte() < 0
            ? bytes
            : throw Damaged($"the entry '{Shown(entry.FullName)}' does not have its declared length");
    }

    private static string ContentHash(
        string modelFormat, bool refusesMissing, IReadOnlyDictionary<string, PackageEntry> entries)
    {
        var text = new StringBuilder().Append("mlops-package/1\n").Append(modelFormat).Append('\n');
        if (refusesMissing) text.Append("refuses missing\n");
        foreach (var (name, entry) in entries.Where(entry => entry.Value.Decisive).OrderBy(entry => entry.Key, StringComparer.Ordinal))
            text.Append(name).Append(' ').Append(entry.Sha256).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    internal static void Add(ZipArchive zip, string name, byte[] bytes, CompressionLevel compression)
    {
        var entry = zip.CreateEntry(name, compression);
        entry.LastWriteTime = EntryTime;
        using var stream = entry.Open();
        stream.Write(bytes);
    }

    private static byte[] Bytes(Action<IBufferWriter<byte>> save)
    {
        var buffer = new ArrayBufferWriter<byte>();
        save(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Json<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    internal static T FromJson<T>(byte[] bytes, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(bytes, type) ?? throw Damaged("an entry is empty");

    /// <summary>The content hash of a whole package, whose parts are not read.</summary>
    /// <exception cref="MlOpsException">The file is not a package, is damaged or too new.</exception>
    public static string ReadContentHash(ReadOnlyMemory<byte> bytes) => Reading(() =>
    {
        using var zip = new ZipArchive(Open(bytes), ZipArchiveMode.Read);
        var manifest = ReadManifest(zip);
        CheckLengths(zip, manifest, bytes.Length);
        _ = ReadEntries(zip, manifest);
        return manifest.ContentHash;
    });

    /// <summary>A text of a package, as it may stand in a message.</summary>
    public static string Shown(string name) => new([.. name.Take(60).Select(c => char.IsControl(c) ? '?' : c)]);

    internal static MlOpsException Damaged(string how, Exception? inner = null) =>
        new(
            $"The model package cannot be read: {how.TrimEnd('.')}.",
            "It is damaged or was changed; get it again from the registry or a backup, or deploy another version.",
            inner);
}
