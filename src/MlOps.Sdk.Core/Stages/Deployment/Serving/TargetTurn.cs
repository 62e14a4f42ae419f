namespace MlOps.Sdk.Deployment;

/// <summary>
/// The turn of a target elsewhere, which is brought to one version of a model at a time. A call that was left behind has it until it has
/// ended, because it may still change the target. Thread-safe.
/// </summary>
/// <param name="free">Lets one caller in.</param>
internal sealed class TargetTurn(SemaphoreSlim free)
{
    private int _leftBehind;

    /// <summary>Whether nobody has the turn.</summary>
    public bool IsFree => free.CurrentCount == 1;

    /// <summary>Waits for the turn.</summary>
    public Task WaitAsync(CancellationToken cancellationToken = default) => free.WaitAsync(cancellationToken);

    /// <summary>Gives the turn back.</summary>
    public void Release() => free.Release();

    /// <summary>Says that a call of the target was left behind.</summary>
    public void Leave() => Interlocked.Increment(ref _leftBehind);

    /// <summary>Says that a call of the target that was left behind has ended.</summary>
    public void Return() => Interlocked.Decrement(ref _leftBehind);

    /// <summary>Makes sure that no call of the target was left behind that has not ended yet.</summary>
    /// <exception cref="TimeoutException">One was.</exception>
    public void RequireReturned()
    {
        if (Volatile.Read(ref _leftBehind) > 0) throw new TimeoutException("It is still busy with an earlier call, which was left behind.");
    }
}
