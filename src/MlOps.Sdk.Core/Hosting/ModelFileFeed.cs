using System.Data.Common;
using System.Net.Sockets;
using System.Security.Cryptography;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>
/// A model in a file that somebody else writes: it is imported when the host starts and, where changes are watched, whenever another file
/// stands under the name. A renamed file is noticed like a written one, as the file is looked at in intervals; so is one with the time and
/// length of its predecessor, as its content is hashed. A file that is rejected is not imported again; an import that failed for another
/// reason, such as a database that was down, is. Thread-safe.
/// </summary>
public sealed class ModelFileFeed : IModelFeed
{
    // What is hashed for each look at most, on average: a large file is hashed every so many looks.
    private const long HashedEachLook = 16 << 20;

    private readonly string _path;
    private readonly Func<Workspace, CancellationToken, Task> _import;
    private readonly bool _watch;
    private readonly TimeSpan _interval;
    private readonly Lock _lock = new();
    private Seen? _imported;
    private bool _failed;

    /// <summary>Names a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="import">Imports it.</param>
    /// <param name="watch">Whether a changed file is imported, too.</param>
    /// <param name="interval">How often the file is looked at, more than zero. Default: every 2 seconds.</param>
    public ModelFileFeed(string path, Func<Workspace, CancellationToken, Task> import, bool watch = false, TimeSpan? interval = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(import);
        _interval = interval ?? TimeSpan.FromSeconds(2);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_interval, TimeSpan.Zero, nameof(interval));
        _path = Path.GetFullPath(path);
        _import = import;
        _watch = watch;
    }

    /// <inheritdoc/>
    public string Name => Path.GetFileName(_path);

    /// <inheritdoc/>
    public async Task ImportAsync(Workspace workspace, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);

        // Taken before the file is imported: what is written meanwhile is a change.
        var stamp = Stamp()
            ?? throw new MlOpsException($"There is no file '{Name}'.", "Check the path of the model's file.") { DataSource = _path };
        var seen = await HashAsync(cancellationToken).ConfigureAwait(false) is { } hash ? new Seen(stamp, hash) : null;
        try
        {
            await _import(workspace, cancellationToken).ConfigureAwait(false);
            Keep(seen, failed: seen is null);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            Keep(seen, failed: seen is null);
            throw;
        }
        catch
        {
            Keep(null, failed: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task WaitForChangeAsync(TimeProvider time, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(time);
        (DateTime, long)? before = null;
        for (var looks = 1L; ; looks++)
        {
            Seen? imported;
            lock (_lock)
            {
                if (_failed) return;
                imported = _imported;
            }

            if (!_watch) await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);

            // A file that is away is being replaced, or will come back; what is live stays. One that differs from look to look is being
            // written.
            var stamp = Stamp();
            if (stamp is { } at
                && (at != imported?.Stamp ? at == before : looks % (at.Length / HashedEachLook + 1) == 0)
                && await HashAsync(cancellationToken).ConfigureAwait(false) is { } hash
                && Stamp() == at)
            {
                if (imported is null || !hash.AsSpan().SequenceEqual(imported.Hash)) return;

                // Touched, or copied over itself.
                lock (_lock)
                {
                    if (_imported == imported) _imported = imported with { Stamp = at };
                }
            }

            before = stamp;
            await Task.Delay(_interval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // What the file holds was rejected, and would be again. Whoever could not reach the file or the rows that it is judged on has not said
    // anything about it.
    private static bool IsRefusal(Exception failure)
    {
        if (failure is not MlOpsException or ConcurrencyException) return false;
        for (var e = failure.InnerException; e is not null; e = e.InnerException)
        {
            if (e is (IOException and not EndOfStreamException) or UnauthorizedAccessException or DbException or SocketException
                or HttpRequestException or TimeoutException or OperationCanceledException)
            {
                return false;
            }
        }

        return true;
    }

    private void Keep(Seen? imported, bool failed)
    {
        lock (_lock)
        {
            _imported = imported;
            _failed = failed;
        }
    }

    private (DateTime Written, long Length)? Stamp()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
    }

    // Nothing where the file is locked, or away by now.
    private async Task<byte[]?> HashAsync(CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using (file.ConfigureAwait(false)) return await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Seen((DateTime Written, long Length) Stamp, byte[] Hash);
}
