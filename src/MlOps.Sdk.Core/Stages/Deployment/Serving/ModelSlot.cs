namespace MlOps.Sdk.Deployment;

/// <summary>A named place in this process where one version is live. Thread-safe.</summary>
internal sealed class ModelSlot(string name) : IDisposable
{
    private LiveModel? _current;
    private Action<LiveModel>? _wentLive;
    private volatile bool _disposed;

    public string Name => name;

    /// <summary>
    /// Held from finding out which version is to be live until it is: who was slow to read a version must not put
    /// it in the place of a newer one.
    /// </summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Held while a version is delivered to every target: one after the other, so that the last one promoted is on all.</summary>
    public SemaphoreSlim Delivery { get; } = new(1, 1);

    public LiveModel? Current => Volatile.Read(ref _current);

    /// <summary>The version that is live.</summary>
    /// <exception cref="MlOpsException">No version is live.</exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    public LiveModel RequireCurrent()
    {
        if (Current is { } live) return live;
        if (_disposed) throw new ObjectDisposedException("Workspace", $"The workspace of the endpoint '{name}' is disposed of.");
        throw new MlOpsException(
            $"No version of '{name}' is live in this process.",
            $"Call workspace.ServeAsync(\"{name}\") to serve the version that was promoted last; if none was, run its lifecycle until a " +
                "version passes the gates and is deployed with ToProcess(). The endpoint answers as soon as one is live.");
    }

    /// <summary>The id under which a prediction is recorded.</summary>
    /// <exception cref="ArgumentException">The id is <see langword="default"/>.</exception>
    public static PredictionId Require(PredictionId id) =>
        id != default
            ? id
            : throw new ArgumentException(
                "The default id belongs to no prediction. Use PredictionId.New(), " +
                    "or PredictionId.FromKey(…) for a key of the application's own.",
                nameof(id));

    /// <summary>Makes a version live; calls under way finish on the version that they began with.</summary>
    public void Swap(LiveModel next)
    {
        Interlocked.Exchange(ref _current, next)?.Retire();
        _wentLive?.Invoke(next);
    }

    /// <summary>Tells of each version that goes live, and of the one that is.</summary>
    /// <param name="wentLive">What is told; it must not throw.</param>
    public void Watch(Action<LiveModel> wentLive)
    {
        _wentLive += wentLive;
        if (Current is { } live) wentLive(live);
    }

    public void Dispose()
    {
        _disposed = true;
        Interlocked.Exchange(ref _current, null)?.Retire();
    }
}
