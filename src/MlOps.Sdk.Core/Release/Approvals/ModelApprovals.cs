using System.Collections.Concurrent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>
/// What people must approve before it happens, and what they decided. Who must approve, a lifecycle says by <c>RequireApproval</c>; who has
/// which role, the application says by <see cref="IActorProvider.IsIn"/>. A decision is one commit with its audit entry, so that of several
/// processes one decides. <see cref="Workspace.Approvals"/> has it. Thread-safe.
/// </summary>
public sealed class ModelApprovals
{
    private readonly Workspace _workspace;
    private readonly ConcurrentDictionary<long, string> _told = [];

    internal ModelApprovals(Workspace workspace, ApprovalRegistry registry) => (_workspace, Registry) = (workspace, registry);

    internal ApprovalRegistry Registry { get; }

    /// <summary>Lists requests, the newest first.</summary>
    /// <param name="model">Only of this model; <see langword="null"/> for all.</param>
    /// <param name="state">Only those that stand so; <see langword="null"/> for all.</param>
    /// <param name="limit">How many at most, positive. Default: 100.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">A record is damaged.</exception>
    public async Task<IReadOnlyList<Approval>> ListAsync(
        string? model = null, ApprovalState? state = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        if (model is not null) ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return state is { } one
            ? await Registry.ListAsync(model, one, limit, cancellationToken).ConfigureAwait(false)
            : await Registry.ListAsync(model, isOpen: false, limit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a request.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such request.</exception>
    public async Task<Approval> GetAsync(long id, CancellationToken cancellationToken = default) =>
        await Registry.FindAsync(id, cancellationToken).ConfigureAwait(false)
            ?? throw new MlOpsException(
                FormattableString.Invariant($"There is no approval {id}."),
                "Approvals.ListAsync lists those that are pending.") { IsOfCaller = true };

    /// <summary>Who must approve what goes live of a model, in every process that has the workspace open.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Who must; <see langword="null"/> when nobody must.</returns>
    /// <exception cref="MlOpsException">The record does not agree with the audit log.</exception>
    public Task<ApprovalPolicy?> FindPolicyAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return Registry.FindPolicyAsync(model, cancellationToken);
    }

    /// <summary>
    /// Approves a request as the actor of the workspace, for one of the roles that it awaits. When everybody did, a run that waits for it
    /// can go on: a host resumes it, or <see cref="Lifecycle.ResumeAsync(Workspace, string, IProgress{LifecycleProgress}?,
    /// CancellationToken)"/> does. Where no run waits, as for a rollback, the last approval makes the version live, before this returns.
    /// Called again by the same person, it decides nothing. Called by anybody on a request that all have approved and that was not carried
    /// out, it makes the version live: that is what the people decided before.
    /// </summary>
    /// <param name="id">The request's number.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <returns>The request as it is now.</returns>
    /// <exception cref="MlOpsException">
    /// There is no such request; the actor has none of the roles that it awaits, requested it, or made the version; it was rejected, has
    /// expired or is superseded; or the records do not agree with the audit log. Then nothing changed. Or the approval is recorded, and the
    /// version could not be made live here: a host tries again, and so does another call.
    /// </exception>
    public async Task<Approval> ApproveAsync(long id, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var (approval, isNew) = await Registry.ApproveAsync(id, reason, cancellationToken).ConfigureAwait(false);
        if (isNew) Log(approval, reason);
        return approval is { State: ApprovalState.Approved, Runs.Count: 0 }
            ? await CarryOutAsync(approval, cancellationToken).ConfigureAwait(false)
            : approval;
    }

    /// <summary>
    /// Rejects a request as the actor of the workspace, who has one of the required roles; or takes it back, as whoever requested it or
    /// made the version. What everybody approved can be taken back in the same way until the version is live: a version that answers a
    /// share of the calls by it answers none any more, and its rollout ends. One rejection is enough. A run that waits for it has failed,
    /// with the reason, and what is live stays.
    /// </summary>
    /// <param name="id">The request's number.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <returns>The request as it is now.</returns>
    /// <exception cref="MlOpsException">
    /// There is no such request; the actor has none of the roles; it was rejected or applied already, has expired or is superseded; or the
    /// records do not agree with the audit log. Nothing changed.
    /// </exception>
    public async Task<Approval> RejectAsync(long id, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var (approval, isNew) = await Registry.RejectAsync(id, reason, cancellationToken).ConfigureAwait(false);
        if (isNew) Log(approval, reason);
        if (approval.Missing.Count == 0) await _workspace.Traffic.FollowAsync(approval.Model).ConfigureAwait(false);
        return approval;
    }

    /// <summary>Makes a version live that was approved and that no run waits for.</summary>
    /// <exception cref="MlOpsException">It cannot be made live here.</exception>
    internal async Task<Approval> CarryOutAsync(Approval approval, CancellationToken cancellationToken)
    {
        try
        {
            await Registry.VerifyAsync(approval.Model, cancellationToken).ConfigureAwait(false);
            await BlessAsync(approval, cancellationToken).ConfigureAwait(false);
            await _workspace.RollbackAsync(
                approval.Model,
                $"{approval.Reason.TrimEnd('.')}. Approval {approval.Id} was given by {approval.Approvers()}.",
                approval.Version,
                approval.Kind == ApprovalKind.Promotion ? ReleaseAction.Promote : ReleaseAction.RollBack,
                cancellationToken,
                approval).ConfigureAwait(false);
        }
        catch (MlOpsException e)
        {
            // Another process may have been quicker.
            var now = await GetAsync(approval.Id, cancellationToken).ConfigureAwait(false);
            if (now.State == ApprovalState.Applied) return now;
            throw new MlOpsException(
                $"Approval {approval.Id} is given, but version {approval.Version} of '{approval.Model}' is not live: {e.Problem}",
                $"{e.Remedy} A host with the lifecycle tries it again; so does another call of ApproveAsync.".TrimStart(),
                e);
        }
        return await GetAsync(approval.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a version live like <see cref="CarryOutAsync"/>; a failure is logged, the same one once.</summary>
    internal async Task TryCarryOutAsync(Approval approval, CancellationToken cancellationToken)
    {
        try
        {
            await CarryOutAsync(approval, cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException e)
        {
            var problem = Secrets.Blank(e.Message);
            if (_told.TryGetValue(approval.Id, out var before) && before == problem) return;
            _told[approval.Id] = problem;
            ApprovalLog.NotCarriedOut(_workspace.Logger, approval.Id, approval.Model, problem);
        }
    }

    // An imported model waits with an attestation that does not bless it.
    private async Task BlessAsync(Approval approval, CancellationToken cancellationToken)
    {
        var attestations = await _workspace.Models.BlessingsAsync(
            approval.Model, approval.Version, cancellationToken).ConfigureAwait(false);
        if (attestations.Count == 0 || !attestations[0].Gates.Any(gate => gate.IsPending)) return;
        var version = await _workspace.Models.GetAsync(approval.Model, approval.Version, cancellationToken).ConfigureAwait(false);
        await _workspace.Models.BlessAsync(
            version,
            [.. attestations[0].Gates.Select(gate => gate.IsPending ? ApprovalGate.Given(approval) : gate)],
            approval.Requester,
            cancellationToken).ConfigureAwait(false);
    }

    private void Log(Approval approval, string reason)
    {
        var (state, why) = (approval.State.ToString(), PrintableText.Line(reason));
        var actor = PrintableText.Line(approval.Ended?.Actor ?? approval.Given[^1].Actor);
        ApprovalLog.Decided(_workspace.Logger, approval.Id, approval.Model, approval.Version, state, actor, why);
    }
}
