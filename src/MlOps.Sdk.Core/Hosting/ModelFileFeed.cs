namespace MlOps.Sdk;

/// <summary>
/// A model in a file that somebody else writes: it is imported when the host starts and, where changes are watched, whenever another file
/// stands under the name. A renamed file is noticed like a written one, as the file is looked at in intervals. Thread-safe.
/// </summary>
public sealed class ModelFileFeed : IModelFeed
{
    private readonly string _path;
    private readonly Func<Workspace, CancellationToken, Task> _import;
    private readonly bool _watch;
    private readonly TimeSpan _interval;
    private (DateTime Written, long Length)? _imported;

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

        // Taken before the file is read: what is written meanwhile is a change.
        _imported = Stamp()
            ?? throw new MlOpsException($"There is no file '{Name}'.", "Check the path of the model's file.") { DataSource = _path };
        await _import(workspace, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task WaitForChangeAsync(TimeProvider time, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(time);
        if (!_watch) await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);

        // A file that is away is being replaced, or will come back; what is live stays.
        while (Stamp() is not { } stamp || stamp == _imported) await Task.Delay(_interval, time, cancellationToken).ConfigureAwait(false);
    }

    private (DateTime Written, long Length)? Stamp()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
    }
}
