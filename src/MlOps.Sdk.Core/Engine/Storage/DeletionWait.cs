namespace MlOps.Sdk.Storage;

/// <summary>
/// Waits for those who are deleting artifacts: until they have done so, or have not renewed their mark for so long that their process was
/// killed. That is measured by a clock that nobody sets. Not thread-safe.
/// </summary>
internal sealed class DeletionWait(RelationalStore store)
{
    /// <summary>
    /// A mark that was over this long ago is forgotten at once: clocks of two machines, and jumps of one, are taken to differ by less.
    /// </summary>
    public static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);

    // Shorter waits are not worth a line of the log.
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(1);
    private readonly long _begun = store.Clock.GetTimestamp();
    private TimeSpan _pause = s_shortest;
    private (string Mark, long Since)? _seen;
    private ArtifactId? _said;

    /// <summary>Waits a moment, each time longer; not at all when the artifact is not being deleted any more.</summary>
    public async Task WaitAsync(ArtifactId artifact, CancellationToken cancellationToken)
    {
        var mark = await store.ReadAsync(
            connection => ArtifactRefTable.FindDeleting(connection, artifact), cancellationToken).ConfigureAwait(false);
        var waited = store.Clock.GetElapsedTime(_begun);
        if (mark is null) return;
        if (_seen?.Mark != mark) _seen = (mark, store.Clock.GetTimestamp());
        if (store.Clock.GetElapsedTime(_seen.Value.Since) >= DeletionMark.Length || IsLongOver(mark))
        {
            await store.WriteAsync(
                connection => ArtifactRefTable.Remove(connection, ArtifactRefTable.DeletingKind, mark), cancellationToken)
                .ConfigureAwait(false);
            StorageLog.ForgotDeletion(store.Logger, artifact, waited.TotalSeconds);
            _said = null;
            return;
        }
        if (_said is null && waited >= s_quiet)
        {
            StorageLog.WaitingForDeletion(store.Logger, artifact, DeletionMark.Length.TotalSeconds);
            _said = artifact;
        }
        await Task.Delay(_pause, store.Clock, cancellationToken).ConfigureAwait(false);
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, s_longest.Ticks));
    }

    /// <summary>Says how long was waited, where it was said that somebody waits.</summary>
    public void End()
    {
        if (_said is { } artifact)
        {
            StorageLog.DeletionOver(store.Logger, artifact, store.Clock.GetElapsedTime(_begun).TotalSeconds);
        }
    }

    private bool IsLongOver(string mark) => string.CompareOrdinal(
        mark, ArtifactRefTable.Until(Ticks.Subtract(store.Clock.GetUtcNow(), ClockSlack))) < 0;
}
