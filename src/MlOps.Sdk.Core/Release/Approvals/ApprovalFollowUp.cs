using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>
/// Looks after the requests of one lifecycle: ends those that expired, carries out what was approved, tells people of what waits, and finds
/// the runs that can go on.
/// </summary>
internal sealed class ApprovalFollowUp(Workspace workspace, LifecyclePlan plan, IServiceProvider scoped)
{
    /// <summary>Does all of it.</summary>
    /// <returns>The runs that can go on.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var registry = workspace.Approvals.Registry;
        var open = await registry.ListAsync(plan.Name, isOpen: true, int.MaxValue, cancellationToken).ConfigureAwait(false);
        foreach (var approval in open)
        {
            switch (approval.State)
            {
                case ApprovalState.Expired:
                    await registry.SettleAsync(approval.Id, cancellationToken).ConfigureAwait(false);
                    ApprovalLog.Expired(workspace.Logger, approval.Id, plan.Name, approval.Version);
                    break;
                case ApprovalState.Approved when approval.Runs.Count == 0:
                    await workspace.Approvals.TryCarryOutAsync(approval, cancellationToken).ConfigureAwait(false);
                    break;
            }
        }

        await TellAsync([.. open.Where(approval => approval.State == ApprovalState.Pending)], cancellationToken).ConfigureAwait(false);
        return await FindReadyAsync(cancellationToken).ConfigureAwait(false);
    }

    // Whom nobody can tell must not keep a run that was approved from going on.
    private async Task TellAsync(IReadOnlyList<Approval> pending, CancellationToken cancellationToken)
    {
        try
        {
            await new ApprovalNotices(workspace, plan, scoped).SendAsync(pending, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            ApprovalLog.NotTold(workspace.Logger, plan.Name, Secrets.Blank(e));
        }
    }

    private async Task<IReadOnlyList<string>> FindReadyAsync(CancellationToken cancellationToken)
    {
        // While an approval stands, its run is taken up again, too, when its process ended or was stopped before it went live.
        var ready = new List<string>();
        var open = await workspace.Approvals.Registry.ListAsync(
            plan.Name, isOpen: true, int.MaxValue, cancellationToken).ConfigureAwait(false);
        foreach (var run in open.Where(approval => approval.State == ApprovalState.Approved).SelectMany(approval => approval.Runs))
        {
            var record = await workspace.Runs.GetAsync(run, cancellationToken).ConfigureAwait(false);
            if (record.State is RunState.Interrupted or RunState.Cancelled && !RepeatedStages.MakesAnother(record)) ready.Add(run);
        }
        var waiting = await workspace.Store.ReadAsync(
            connection => ApprovalTable.WaitingRuns(connection, plan.Name), cancellationToken).ConfigureAwait(false);
        foreach (var run in waiting)
        {
            switch (await workspace.Approvals.Registry.FindOfRunAsync(run, cancellationToken).ConfigureAwait(false))
            {
                case { State: ApprovalState.Approved or ApprovalState.Applied }:
                    ready.Add(run);
                    break;
                case { State: not ApprovalState.Pending } over:
                    // Its process ended between the decision and the end of the run.
                    await workspace.Approvals.Registry.SettleAsync(over.Id, cancellationToken).ConfigureAwait(false);
                    break;
            }
        }

        return ready;
    }
}
