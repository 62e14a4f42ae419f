using System.Globalization;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Tells a webhook of each event, in their order and at least once, also of those that happened while no host ran. Of several processes of
/// a workspace, one tells it at a time.
/// </summary>
internal sealed class DeploymentWebhookFollower(
    string name, DeploymentWebhooks webhooks, Workspace workspace, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(5);

    // Beyond the time that an event may take, for what is written to the store.
    private static readonly TimeSpan s_longer = TimeSpan.FromSeconds(30);

    private readonly string _teller = Guid.NewGuid().ToString("N");
    private readonly string _lease = $"webhook:{name}";
    private readonly EventCursorTable _cursors = new(workspace.Store);
    private readonly LeaseTable _leases = new(workspace.Store);

    public string Name => name;

    // A receiver that fails must neither be forgotten nor keep the process busy: each failure in a row doubles the wait.
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            var pause = s_pause;
            while (true)
            {
                try
                {
                    await TellAsync(cancellationToken).ConfigureAwait(false);
                    webhooks.Note(name, null);
                    pause = s_pause;
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    // Whatever it is, such as a store that cannot be reached: without this loop, nobody hears of any event.
                    var problem = Secrets.Blank(e.Message);
                    webhooks.Note(name, problem);
                    pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
                    HostLog.NotTold(logger, name, problem, pause);
                }

                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>Tells what has happened since it was told last, if no other process does.</summary>
    /// <exception cref="MlOpsException">An event could not be delivered; it is the first one the next time.</exception>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        var (told, newest) = await _cursors.FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (told >= newest) return;
        var length = webhooks.PatienceOf(name) + s_longer;
        if (!await _leases.TakeAsync(_lease, _teller, length, cancellationToken).ConfigureAwait(false)) return;
        try
        {
            // Another process may have told it meanwhile.
            (told, _) = await _cursors.FindAsync(name, cancellationToken).ConfigureAwait(false);
            var seen = told;
            await foreach (var entry in workspace.Audit.ReadAsync(told, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                seen = entry.Sequence;
                if (DeploymentEventReader.Read(entry) is not { } happened) continue;
                if (!await _leases.TakeAsync(_lease, _teller, length, cancellationToken).ConfigureAwait(false)) return;

                // What is rejected for what it says would be rejected again, and the receiver never hear of the others.
                var id = IdOf(entry);
                if (await webhooks.TryPostAsync(name, happened, workspace.Id, id, cancellationToken).ConfigureAwait(false) is { } rejection)
                {
                    HostLog.EventRejected(logger, name, happened.Position, Secrets.Blank(rejection.Message));
                }

                await _cursors.AdvanceAsync(name, seen, cancellationToken).ConfigureAwait(false);
                told = seen;
            }

            if (seen > told) await _cursors.AdvanceAsync(name, seen, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await _leases.ReturnAsync(_lease, _teller, CancellationToken.None).ConfigureAwait(false);
        }
    }

    // Of all workspaces of a receiver, and of those that went on from one backup, no two give an id to two events: the hash of an entry
    // covers what it says, when, and all entries before.
    private string IdOf(AuditEntry entry) =>
        string.Create(CultureInfo.InvariantCulture, $"{workspace.Id}-{entry.Sequence}-{entry.Hash.AsSpan(0, 16)}");
}
