using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Reads an archive, and believes nothing of it: names, sizes and hashes of all entries are checked before anything is used. Nothing is
/// unpacked into files of names that it says. Not thread-safe.
/// </summary>
internal sealed class ArchiveReader : IAsyncDisposable
{
    private const int LongestLine = 64 << 20;
    private const int LongestManifest = 512 << 20;

    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries;

    private ArchiveReader(ZipArchive zip, Dictionary<string, ZipArchiveEntry> entries, ArchiveManifest manifest, string hash) =>
        (_zip, _entries, Manifest, ManifestHash) = (zip, entries, manifest, hash);

    public ArchiveManifest Manifest { get; }

    public string ManifestHash { get; }

    /// <summary>Whether it says what people say of models: those of format 1 do not.</summary>
    public bool HasCatalog => Manifest.Format >= ArchiveManifest.FormatWithCatalog;

    /// <summary>Opens an archive and verifies all of it.</summary>
    /// <exception cref="MlOpsException">It is none, is damaged, or is of a newer version of the library.</exception>
    public static Task<ArchiveReader> OpenAsync(Stream stream, Action<long> read, CancellationToken cancellationToken) =>
        GuardAsync(async () =>
        {
            var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Read, leaveOpen: true, null, cancellationToken)
                .ConfigureAwait(false);
            try
            {
                var entries = EntriesOf(zip, stream.Length);
                var (manifest, hash) = await ReadManifestAsync(entries, cancellationToken).ConfigureAwait(false);
                var reader = new ArchiveReader(zip, entries, manifest, hash);
                await reader.VerifyAsync(read, cancellationToken).ConfigureAwait(false);
                return reader;
            }
            catch
            {
                await zip.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        });

    /// <summary>The artifacts that are in the archive.</summary>
    public bool Has(ArtifactId id) => _entries.ContainsKey(ArchiveManifest.ArtifactFolder + id.Hex);

    /// <summary>Opens an artifact.</summary>
    public Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken) =>
        OpenAsync(ArchiveManifest.ArtifactFolder + id.Hex, cancellationToken);

    /// <summary>Opens an entry.</summary>
    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken) =>
        GuardAsync(() => _entries[name].OpenAsync(cancellationToken));

    /// <summary>Reads the lines of the runs.</summary>
    public IAsyncEnumerable<ArchiveLine> RunLinesAsync(CancellationToken cancellationToken) =>
        LinesAsync(ArchiveManifest.Runs, ArchiveJson.Default.ArchiveLine, cancellationToken);

    /// <summary>Reads the versions.</summary>
    public IAsyncEnumerable<ArchivedVersion> VersionLinesAsync(CancellationToken cancellationToken) =>
        LinesAsync(ArchiveManifest.Versions, ArchiveJson.Default.ArchivedVersion, cancellationToken);

    /// <summary>Reads what is said of models and versions.</summary>
    public IAsyncEnumerable<ArchivedCatalogEntry> CatalogLinesAsync(CancellationToken cancellationToken) => HasCatalog
        ? LinesAsync(ArchiveManifest.Catalog, ArchiveJson.Default.ArchivedCatalogEntry, cancellationToken)
        : AsyncEnumerable.Empty<ArchivedCatalogEntry>();

    /// <summary>Reads the lines of an entry.</summary>
    public async IAsyncEnumerable<T> LinesAsync<T>(
        string name,
        JsonTypeInfo<T> type,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var stream = await OpenAsync(name, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var lines = new StreamLines(stream, LongestLine);
            for (var number = 1L; await lines.NextAsync(cancellationToken).ConfigureAwait(false) is { } line; number++)
            {
                T? value;
                try
                {
                    value = JsonSerializer.Deserialize(line.Span, type);
                }
                catch (Exception e) when (e is JsonException or MlOpsException or NotSupportedException)
                {
                    throw Damaged($"line {number} of '{name}' is not what it should be: {e.Message.TrimEnd('.')}", e);
                }

                yield return value ?? throw Damaged($"line {number} of '{name}' is empty");
            }
        }
    }

    public ValueTask DisposeAsync() => _zip.DisposeAsync();

    public static MlOpsException Damaged(string how, Exception? inner = null) => new(
        $"The archive cannot be read: {how}.", "It is damaged or was changed; nothing was imported. Export it again.", inner);

    // Entries that overlap, or unpack to more than they weigh, are not those of an archive.
    private static Dictionary<string, ZipArchiveEntry> EntriesOf(ZipArchive zip, long length)
    {
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        var total = 0L;
        foreach (var entry in zip.Entries)
        {
            var name = entry.FullName;
            if (!IsKnown(name)) throw Damaged($"the entry '{PackageFile.Shown(name)}' is not part of an archive");
            if (!entries.TryAdd(name, entry)) throw Damaged($"the entry '{name}' appears twice");
            if (entry.CompressedLength != entry.Length || entry.Length < 0) throw Damaged($"the entry '{name}' is compressed");
            total += entry.Length;
            if (total > length) throw Damaged("its entries have more bytes than the file");
        }

        return entries;
    }

    private static bool IsKnown(string name) =>
        name is ArchiveManifest.Name or ArchiveManifest.Runs or ArchiveManifest.Versions or ArchiveManifest.Catalog or ArchiveManifest.Audit
        || (name.StartsWith(ArchiveManifest.ArtifactFolder, StringComparison.Ordinal)
            && ArtifactId.TryParse(name[ArchiveManifest.ArtifactFolder.Length..], out _));

    private static async Task<(ArchiveManifest Manifest, string Hash)> ReadManifestAsync(
        Dictionary<string, ZipArchiveEntry> entries, CancellationToken cancellationToken)
    {
        if (!entries.TryGetValue(ArchiveManifest.Name, out var entry)) throw Damaged("it has no manifest");
        if (entry.Length > LongestManifest) throw Damaged("its manifest is longer than any is");
        using var bytes = new MemoryStream();
        var stream = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await stream.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        if (bytes.Length != entry.Length) throw Damaged("its manifest does not have its length");
        var json = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        var format = JsonSerializer.Deserialize(json, ArchiveFormatJson.Default.ArchiveFormat)?.Format ?? 0;
        if (format > ArchiveManifest.CurrentFormat)
        {
            throw new MlOpsException(
                $"The archive has format {format}, and this version of the library reads up to {ArchiveManifest.CurrentFormat}.",
                "Update the MlOps.Sdk package.");
        }
        var manifest = JsonSerializer.Deserialize(json, ArchiveJson.Default.ArchiveManifest);
        if (format < 1 || manifest?.Workspace is not { Length: > 0 and <= 64 } || manifest.Entries is null
            || manifest.Entries.Any(each => each?.Name is null || each.Sha256 is null))
        {
            throw Damaged("its manifest is not one of an archive");
        }
        return (manifest, Convert.ToHexStringLower(SHA256.HashData(json)));
    }

    private async Task VerifyAsync(Action<long> read, CancellationToken cancellationToken)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, length, sha256) in Manifest.Entries)
        {
            if (!named.Add(name)) throw Damaged($"the manifest names '{PackageFile.Shown(name)}' twice");
            if (name == ArchiveManifest.Name || !_entries.TryGetValue(name, out var entry))
            {
                throw Damaged($"the entry '{PackageFile.Shown(name)}' is missing");
            }
            if (entry.Length != length) throw Damaged($"the entry '{name}' does not have the length of the manifest");
            if (name.StartsWith(ArchiveManifest.ArtifactFolder, StringComparison.Ordinal)
                && name[ArchiveManifest.ArtifactFolder.Length..] != sha256)
            {
                throw Damaged($"the entry '{name}' does not have the hash of its name");
            }
            var stream = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var (_, actual) = await HashedCopy.CopyAsync(stream, Stream.Null, read, cancellationToken).ConfigureAwait(false);
                if (actual != sha256) throw Damaged($"the entry '{name}' does not have the hash of the manifest");
            }
        }
        foreach (var name in _entries.Keys)
        {
            if (name != ArchiveManifest.Name && !named.Contains(name)) throw Damaged($"the entry '{name}' is not in the manifest");
        }
        foreach (var name in new[] { ArchiveManifest.Runs, ArchiveManifest.Versions, ArchiveManifest.Audit })
        {
            if (!named.Contains(name)) throw Damaged($"the entry '{name}' is missing");
        }
        if (named.Contains(ArchiveManifest.Catalog) != HasCatalog)
        {
            var problem = HasCatalog ? "is missing" : $"is not part of an archive of format {Manifest.Format}";
            throw Damaged($"the entry '{ArchiveManifest.Catalog}' {problem}");
        }
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is InvalidDataException or JsonException or EndOfStreamException or NotSupportedException or IOException
                or ArgumentException or OverflowException)
        {
            throw Damaged(e.Message.TrimEnd('.'), e);
        }
    }
}
