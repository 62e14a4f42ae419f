namespace MlOps.Sdk.MLNet;

/// <summary>The time from one swap to the next, which is not made before each caller has had an answer.</summary>
/// <param name="version">The version that is live.</param>
/// <param name="callers">How many callers there are.</param>
internal sealed class SwapRound(int version, int callers) : IDisposable
{
    private readonly CountdownEvent _answered = new(callers);
    private readonly ManualResetEventSlim _over = new();
    private SwapRound? _next;

    public int Version => version;

    /// <summary>A caller has had its first answer.</summary>
    public void Answered() => _answered.Signal();

    /// <summary>Waits until each caller has had an answer.</summary>
    public void WaitForAnswers(CancellationToken failed) => _answered.Wait(failed);

    /// <summary>Another version is live; <see langword="null"/> when there will be none.</summary>
    public void End(SwapRound? next)
    {
        _next = next;
        _over.Set();
    }

    /// <summary>Waits for the next version.</summary>
    public SwapRound? WaitForNext()
    {
        _over.Wait();
        return _next;
    }

    public void Dispose()
    {
        _answered.Dispose();
        _over.Dispose();
    }
}
