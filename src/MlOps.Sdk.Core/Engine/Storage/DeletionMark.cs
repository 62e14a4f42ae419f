namespace MlOps.Sdk.Storage;

/// <summary>
/// Says that an artifact is being deleted, so that no reference to it appears: renewed until it is disposed of. Of a process that was
/// killed it is not renewed any more, which others see by clocks that nobody sets.
/// </summary>
internal sealed class DeletionMark : IAsyncDisposable
{
    /// <summary>A mark that is not renewed for this time is that of a process that was killed.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(20);

    // The deletion ends well before others take it that nobody deletes.
    private static readonly TimeSpan s_unrenewed = TimeSpan.FromMinutes(1);
    private readonly RelationalStore _store;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost;
    private readonly Task _renewing;
    private string _owner;

    private DeletionMark(RelationalStore store, string owner)
    {
        (_store, _owner) = (store, owner);
        _lost = new CancellationTokenSource(s_unrenewed, store.Clock);
        _renewing = Task.Run(RenewAsync);
    }

    /// <summary>Cancelled when the mark could not be renewed: then the artifact must not be deleted any more.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Marks an artifact; <see langword="null"/> where somebody refers to it, or deletes it already.</summary>
    public static async Task<DeletionMark?> TryBeginAsync(RelationalStore store, ArtifactId id, CancellationToken cancellationToken)
    {
        var owner = NextOwner(store.Clock);
        var isMine = await store.WriteAsync(
            connection =>
            {
                ArtifactRefTable.ForgetDeleting(connection, Ticks.Subtract(store.Clock.GetUtcNow(), DeletionWait.ClockSlack));
                return !GarbageHold.IsHeld(connection, store.Clock) && ArtifactRefTable.TryBeginDeleting(connection, owner, id);
            },
            cancellationToken).ConfigureAwait(false);
        return isMine ? new DeletionMark(store, owner) : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _stop.Dispose();
        _lost.Dispose();
        await _store.WriteAsync(
            connection => ArtifactRefTable.Remove(connection, ArtifactRefTable.DeletingKind, _owner), CancellationToken.None)
            .ConfigureAwait(false);
    }

    private static string NextOwner(TimeProvider clock) =>
        $"{ArtifactRefTable.Until(Ticks.Add(clock.GetUtcNow(), Length))}.{Guid.NewGuid():N}";

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(s_renewal, _store.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    if (!await RenewOnceAsync().ConfigureAwait(false)) return;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // It is tried again.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The deletion has ended.
        }
    }

    private async Task<bool> RenewOnceAsync()
    {
        var next = NextOwner(_store.Clock);

        // Not cancelled: whether the mark has its next name must be known.
        if (!await _store.WriteAsync(
            connection => ArtifactRefTable.TryRenewDeleting(connection, _owner, next), CancellationToken.None).ConfigureAwait(false))
        {
            await _lost.CancelAsync().ConfigureAwait(false);
            return false;
        }
        _owner = next;
        _lost.CancelAfter(s_unrenewed);
        return true;
    }
}
