using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The releases of an endpoint in a folder: <c>{endpoint}/{version}-{hash}.mlops</c>, and <c>current.json</c>, which names the one to be
/// served and is only replaced as a whole. Several processes may write and read; one at a time writes.
/// </summary>
internal sealed partial class ReleaseFolder
{
    /// <summary>What gives other accounts the right to read.</summary>
    public const string Rights =
        "Files are for the account that writes them: for another one, make the folder with the mode 2770 and a group of both.";

    private const string CurrentName = "current.json";
    private const string LockName = ".lock";
    private const string Extension = ".mlops";
    private const string Partial = ".partial";
    private static readonly TimeSpan s_lockPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_lockLimit = TimeSpan.FromMinutes(1);

    private readonly string _path;
    private readonly string _endpoint;
    private readonly string _content;

    private ReleaseFolder(string path, string endpoint, string content) => (_path, _endpoint, _content) = (path, endpoint, content);

    /// <summary>The folder of an endpoint; <see langword="null"/> for a name that no folder can have everywhere.</summary>
    /// <param name="root">The folder of all endpoints.</param>
    /// <param name="endpoint">The endpoint.</param>
    public static ReleaseFolder? Find(string root, string endpoint) => Find(root, endpoint, "releases");

    /// <summary>The folder of an endpoint.</summary>
    /// <param name="root">The folder of all endpoints.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="content">What the folder has, for messages.</param>
    /// <exception cref="MlOpsException">No folder can have the name everywhere.</exception>
    public static ReleaseFolder Require(string root, string endpoint, string content = "releases") =>
        Find(root, endpoint, content) ?? throw new MlOpsException(
            $"'{endpoint}' cannot be the name of a folder on every system.",
            "Use another name for the lifecycle: Windows reserves names like 'con' and 'com1', and leaves a dot at the end out.");

    /// <summary>The endpoints that have a folder.</summary>
    public static IReadOnlyList<string> EndpointsOf(string root)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)!)
                    .Where(name => Find(root, name) is not null).Order(StringComparer.Ordinal),
            ];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Waits until no other process writes, and keeps them waiting until what is returned is disposed of.</summary>
    /// <exception cref="MlOpsException">The folder cannot be written.</exception>
    public async Task<IDisposable> LockAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        Guard(() => PrivateFiles.CreateFolder(_path));
        var begin = time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                // The system lets go of it with the process, also with one that is killed.
                return new FileStream(Path.Combine(_path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (
                e is not (DirectoryNotFoundException or PathTooLongException) && time.GetElapsedTime(begin) < s_lockLimit)
            {
                await Task.Delay(s_lockPause, time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unwritable(e);
            }
        }
    }

    /// <summary>Removes the file of the lock, of a folder that nobody else knows and that is complete.</summary>
    /// <exception cref="MlOpsException">The folder cannot be written.</exception>
    public void RemoveLock() => Guard(() => File.Delete(Path.Combine(_path, LockName)));

    /// <summary>What <c>current.json</c> says; <see langword="null"/> where there is none, or it cannot be understood.</summary>
    public CurrentRelease? ReadCurrent() => Look().Current;

    /// <summary>Why the file of a release is not read.</summary>
    public string ExplainMissing(CurrentRelease current)
    {
        try
        {
            using var file = OpenShared(Path.Combine(_path, current.File));
            return $"The file '{current.File}' is not the one that was written: its SHA-256 is not the one that current.json says. It " +
                "was changed, or is not completely copied.";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"The file '{current.File}', which current.json names, is not there.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The file '{current.File}' cannot be read: {e.Message} {Rights}";
        }
    }

    /// <summary>What <c>current.json</c> says, or why it says nothing; neither where there is none.</summary>
    public (CurrentRelease? Current, string? Problem) Look()
    {
        try
        {
            var json = ReadShared(Path.Combine(_path, CurrentName));
            if (FormatOf(json) is { } format and not CurrentRelease.CurrentFormat)
            {
                return (null, FormattableString.Invariant($"Its current.json has the format {format}, and this version of the library ") +
                    FormattableString.Invariant($"reads {CurrentRelease.CurrentFormat}. Use one version of the library at both ends."));
            }
            var current = JsonSerializer.Deserialize(json, ReleaseJson.Default.CurrentRelease);
            return current is not null && FileName().IsMatch(current.File)
                ? (current, null)
                : (null, "Its current.json names no file of a release. Another program wrote it.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, null);
        }
        catch (JsonException)
        {
            return (null, "Its current.json is cut off, or not written by this library. If another program copies the folder, let it " +
                "write under another name and rename.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"Its current.json cannot be read: {e.Message} {Rights}");
        }
    }

    /// <summary>Reads the file of a release; <see langword="null"/> where it is not there, or is not the one that was written.</summary>
    /// <exception cref="MlOpsException">The file has more bytes than the limit.</exception>
    public async Task<byte[]?> ReadAsync(CurrentRelease current, CancellationToken cancellationToken, long limit = long.MaxValue)
    {
        try
        {
            var bytes = await ReadSharedAsync(Path.Combine(_path, current.File), limit, cancellationToken).ConfigureAwait(false);
            return HashOf(bytes) == current.Sha256 ? bytes : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Puts a file beside the others, on the disk and under its name at once. Nobody is told of it yet.</summary>
    /// <exception cref="MlOpsException">The folder cannot be written.</exception>
    public async Task<CurrentRelease> AddAsync(byte[] file, DesiredDeployment desired, CancellationToken cancellationToken)
    {
        var hash = HashOf(file);
        var current = new CurrentRelease
        {
            Format = CurrentRelease.CurrentFormat,
            Endpoint = _endpoint,
            Version = desired.Model.Version.Version,
            ContentHash = desired.Model.Version.ContentHash,
            PromotedAt = desired.PromotedAt!.Value,
            File = FormattableString.Invariant($"{desired.Model.Version.Version}-{hash[..16]}{Extension}"),
            Sha256 = hash,
        };
        await WriteAsync(current.File, file, cancellationToken).ConfigureAwait(false);
        return current;
    }

    /// <summary>Names the file that is to be served from now on.</summary>
    /// <exception cref="MlOpsException">The folder cannot be written.</exception>
    public Task SetCurrentAsync(CurrentRelease current, CancellationToken cancellationToken) => WriteAsync(
        CurrentName, JsonSerializer.SerializeToUtf8Bytes(current, ReleaseJson.Default.CurrentRelease), cancellationToken);

    /// <summary>
    /// Removes what killed processes left, and the releases of before, except those that somebody may be reading. Called under the lock.
    /// What cannot be removed is the next one's.
    /// </summary>
    public void RemoveAllBut(params IReadOnlyList<CurrentRelease?> kept)
    {
        foreach (var path in Directory.EnumerateFiles(_path))
        {
            var name = Path.GetFileName(path);
            if (!name.EndsWith(Partial, StringComparison.Ordinal)
                && (!FileName().IsMatch(name) || kept.Any(release => release?.File == name)))
            {
                continue;
            }
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Windows deletes no file that somebody reads.
            }
        }
    }

    private static ReleaseFolder? Find(string root, string endpoint, string content) => ModelName.IsValid(endpoint) && !IsReserved(endpoint)
        ? new ReleaseFolder(Path.Combine(root, endpoint), endpoint, content)
        : null;

    private async Task WriteAsync(string name, byte[] bytes, CancellationToken cancellationToken)
    {
        var partial = Path.Combine(_path, $".{Guid.NewGuid():N}{Partial}");
        try
        {
            var file = PrivateFiles.CreateFile(partial);
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            cancellationToken.ThrowIfCancellationRequested();
            File.Move(partial, Path.Combine(_path, name), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
        finally
        {
            if (File.Exists(partial)) Guard(() => File.Delete(partial));
        }
    }

    private void Guard(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    private MlOpsException Unwritable(Exception e) => new(
        $"The folder of the {_content} of '{_endpoint}' cannot be written: {e.Message} What is there stays.",
        "Check the free space and the permissions of the folder, and whether it is mounted.",
        e) { DataSource = _path };

    // Whoever reads must keep nobody from replacing the file.
    private static FileStream OpenShared(string path) => new(
        path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);

    // A later format may lack what this one requires.
    private static int? FormatOf(byte[] json)
    {
        using var read = JsonDocument.Parse(json);
        return read.RootElement.ValueKind == JsonValueKind.Object
            && read.RootElement.TryGetProperty("format", out var format)
            && format.ValueKind == JsonValueKind.Number
            && format.TryGetInt32(out var number)
                ? number
                : null;
    }

    private static byte[] ReadShared(string path)
    {
        using var file = OpenShared(path);
        var bytes = new byte[Math.Min(file.Length, 64 * 1024)];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    private static async Task<byte[]> ReadSharedAsync(string path, long limit, CancellationToken cancellationToken)
    {
        var file = OpenShared(path);
        await using (file.ConfigureAwait(false))
        {
            if (file.Length > limit)
            {
                throw new MlOpsException(
                    FormattableString.Invariant($"The release has {file.Length:N0} bytes, and {limit:N0} are read here at most."),
                    "If it is yours, raise releaseBytes of FollowReleases.") { DataSource = path };
            }
            if (file.Length > Array.MaxLength) throw new IOException("The file is too large.");
            var bytes = new byte[file.Length];
            var read = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return bytes[..read];
        }
    }

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // Of Windows, which may be at either end of a share: a name with such a beginning is a device, and a dot at the end is left out.
    private static bool IsReserved(string endpoint) => endpoint[^1] == '.' || DeviceName().IsMatch(endpoint);

    [GeneratedRegex(@"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", RegexOptions.CultureInvariant)]
    private static partial Regex DeviceName();

    [GeneratedRegex(@"^[0-9]{1,10}-[0-9a-f]{16}\.mlops\z", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
