namespace MlOps.Sdk.Deployment;

/// <summary>A named place in this process where one version is live. Thread-safe.</summary>
internal sealed class EndpointHost(string name) : IDisposable
{
    private LiveModel? _current;

    public string Name => name;

    /// <summary>Held from finding out which version is to be live until it is: who was slow to read a version must not put it in the place of a newer one.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public LiveModel? Current => Volatile.Read(ref _current);

    public LiveModel RequireCurrent() => Current ?? throw new MlOpsException(
        $"No version of '{name}' is live.",
        "Run its lifecycle until a version passes the gates and is deployed with ToProcess(), then open the endpoint again.");

    /// <summary>Makes a version live; calls under way finish on the version that they began with.</summary>
    public void Swap(LiveModel next) => Interlocked.Exchange(ref _current, next)?.Retire();

    public void Dispose() => Interlocked.Exchange(ref _current, null)?.Retire();
}
