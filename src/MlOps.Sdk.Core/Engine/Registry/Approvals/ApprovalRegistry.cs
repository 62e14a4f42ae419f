using System.Data.Common;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>
/// Requests for approval: they are made, decided on and ended in one commit each, with its audit entry, so that of several processes one
/// decides. Thread-safe.
/// </summary>
internal sealed class ApprovalRegistry(RelationalStore store, CurrentActor acting)
{
    public Task<Approval?> FindAsync(long no, CancellationToken cancellationToken) => ReadAsync(
        connection => ApprovalRecords.Find(connection, no, Now), cancellationToken);

    /// <summary>The newest request that a run waited for.</summary>
    public Task<Approval?> FindOfRunAsync(string run, CancellationToken cancellationToken) => ReadAsync(
        connection => ApprovalRecords.FindOfRun(connection, run, Now), cancellationToken);

    /// <summary>Requests, newest first.</summary>
    public Task<IReadOnlyList<Approval>> ListAsync(string? model, bool isOpen, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<Approval>>(
            connection =>
            [
                .. ApprovalTable.List(connection, model, isOpen, limit).Select(row => ApprovalRecords.Read(connection, row, Now)),
            ],
            cancellationToken);

    /// <summary>Requests that stand in one way, newest first. No more of them are read than the limit.</summary>
    public Task<IReadOnlyList<Approval>> ListAsync(
        string? model, ApprovalState state, int limit, CancellationToken cancellationToken) => store.ReadAsync<IReadOnlyList<Approval>>(
        connection =>
        {
            var now = Now;
            var open = ApprovalTable.List(connection, model, isOpen: true, int.MaxValue)
                .Select(row => ApprovalRecords.Read(connection, row, now))
                .Where(approval => approval.State == state);
            if (state is ApprovalState.Pending or ApprovalState.Approved) return [.. open.Take(limit)];
            var ended = ApprovalTable.ListEnded(connection, model, state.ToString(), limit)
                .Select(row => ApprovalRecords.Read(connection, row, now));
            return state == ApprovalState.Expired
                ? [.. open.Concat(ended).OrderByDescending(approval => approval.Id).Take(limit)]
                : [.. ended];
        },
        cancellationToken);

    /// <summary>The requests that a version had, newest first.</summary>
    public Task<IReadOnlyList<Approval>> ListOfAsync(ModelVersion version, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<Approval>>(
            connection => [.. ApprovalRecords.Of(connection, version, Now)], cancellationToken);

    /// <summary>Who must approve what goes live of a model; <see langword="null"/> when nobody must.</summary>
    public Task<ApprovalPolicy?> FindPolicyAsync(string model, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            ApprovalRecords.Verify(connection, model);
            return ApprovalRecords.Policy(connection, model);
        },
        cancellationToken);

    /// <summary>
    /// Requests an approval, unless the same is requested or approved already, by at least the same people. It takes the place of another
    /// request that nobody has approved yet: versions that come often must not make people begin again and again.
    /// </summary>
    public Task<Approval> RequestAsync(NewApproval request, CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            ApprovalRecords.Verify(connection, request.Version.Model);
            var now = Now;
            Approval? same = null;
            foreach (var open in ApprovalRecords.Open(connection, request.Version.Model, now).Where(open => open.Kind == request.Kind))
            {
                if (ApprovalRecords.Expire(connection, open, now).Ended is not null) continue;
                var isSame = open.IsFor(request.Version);
                if (isSame && open.Holds(request.Policy)) same = open;
                else if (isSame || open is { State: ApprovalState.Pending, Given.Count: 0 })
                {
                    ApprovalRecords.Decide(
                        connection, open, ApprovalState.Superseded, ApprovalRecords.Automatic, [],
                        isSame ? "other people must approve it"
                            : FormattableString.Invariant($"version {request.Version.Version} is to go live instead"),
                        now);
                }
            }

            if (same is null) return ApprovalRecords.Add(connection, request, now);
            if (request.Run is { } run) ApprovalTable.AddRun(connection, same.Id, run);
            return same;
        },
        cancellationToken);

    /// <summary>Makes sure that a version may go live by somebody's deed; where it may not, its approval is requested.</summary>
    /// <exception cref="ApprovalRequiredException">It must be approved first.</exception>
    public async Task RequireAsync(
        ModelVersion version, ApprovalKind kind, int? live, string reason, CancellationToken cancellationToken)
    {
        var (policy, given) = await ReadAsync(
            connection =>
            {
                ApprovalRecords.Verify(connection, version.Model);
                return (
                    ApprovalRule.Find(connection, version, kind),
                    ApprovalRecords.Open(connection, version.Model, Now).FirstOrDefault(
                        open => open.State == ApprovalState.Approved && open.IsFor(version)));
            },
            cancellationToken).ConfigureAwait(false);
        if (policy is null || given?.Holds(policy) == true) return;
        var approval = await RequestAsync(
            new NewApproval(version, kind, live, policy, acting.Name, reason, Run: null), cancellationToken).ConfigureAwait(false);
        throw new ApprovalRequiredException(
            FormattableString.Invariant($"Version {version.Version} of '{version.Model}' is not live yet: {approval.Awaited()}"),
            approval.Runs.Count > 0
                ? "When Workspace.Approvals.ApproveAsync was called by them all, the run that waits for it goes on."
                : "When Workspace.Approvals.ApproveAsync was called by them all, the version goes live.",
            approval);
    }

    /// <summary>Notes that a run waits for a request, and ends it where that was decided meanwhile.</summary>
    public Task AwaitAsync(long approval, string run, CancellationToken cancellationToken) => store.WriteAsync(
        connection => { ApprovalTable.AddRun(connection, approval, run); }, cancellationToken);

    /// <summary>Notes that a request has expired, and ends the runs that wait for one that will not be approved.</summary>
    public Task<Approval> SettleAsync(long no, CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            var now = Now;
            var approval = ApprovalRecords.Expire(connection, Require(ApprovalRecords.Find(connection, no, now), no), now);
            ApprovalRecords.EndRuns(connection, approval, now);
            return approval;
        },
        cancellationToken);

    /// <summary>Takes back what was approved, because it does not hold any more.</summary>
    public Task WithdrawAsync(ModelVersion version, string reason, CancellationToken cancellationToken) => store.WriteAsync(
        connection => ApprovalRule.Withdraw(connection, version.Model, version.Version, Now, reason), cancellationToken);

    /// <summary>Approves a request as who acts.</summary>
    /// <exception cref="MlOpsException">The actor cannot approve it, or it is over.</exception>
    public Task<(Approval Approval, bool IsNew)> ApproveAsync(long no, string reason, CancellationToken cancellationToken) => DecideAsync(
        no,
        (connection, approval, actor, held, now) =>
        {
            if (approval.State is ApprovalState.Approved or ApprovalState.Applied || IsOf(approval, actor)) return (approval, null);
            if (approval.State != ApprovalState.Pending) return (approval, Over(approval));
            if (approval.Excludes(actor)) return (approval, new NotAllowedException(OfAuthor(approval, actor)));
            if (held.Count == 0) return (approval, new NotAllowedException(WithoutRole(approval, actor, "approve")));
            ApprovalRecords.Verify(connection, approval.Model);
            var decided = ApprovalRecords.Decide(connection, approval, ApprovalState.Approved, actor, held, reason, now);
            return decided.Missing.Count < approval.Missing.Count
                ? (decided, null)
                : throw new NotAllowedException(
                    $"Approval {approval.Id} needs nobody more as {ApprovalPolicy.Describe(held)}: it awaits " +
                        $"{ApprovalPolicy.Describe(approval.Missing)}.");
        },
        cancellationToken);

    /// <summary>Rejects a request as who acts.</summary>
    /// <exception cref="MlOpsException">The actor cannot reject it, or it is over.</exception>
    public Task<(Approval Approval, bool IsNew)> RejectAsync(long no, string reason, CancellationToken cancellationToken) => DecideAsync(
        no,
        (connection, approval, actor, held, now) =>
        {
            if (approval.State == ApprovalState.Rejected && Same(approval.Ended!.Actor, actor)) return (approval, null);
            if (approval.State != ApprovalState.Pending) return (approval, Over(approval));

            // Who requested it takes it back.
            if (held.Count == 0 && !approval.Excludes(actor))
            {
                return (approval, new NotAllowedException(WithoutRole(approval, actor, "reject")));
            }
            ApprovalRecords.Verify(connection, approval.Model);
            return (ApprovalRecords.Decide(connection, approval, ApprovalState.Rejected, actor, held, reason, now), null);
        },
        cancellationToken);

    private DateTimeOffset Now => store.Clock.GetUtcNow();

    /// <returns>The request as it is now, and whether this call decided something.</returns>
    private async Task<(Approval Approval, bool IsNew)> DecideAsync(
        long no,
        Func<DbConnection, Approval, string, IReadOnlyList<string>, DateTimeOffset, (Approval, MlOpsException?)> decide,
        CancellationToken cancellationToken)
    {
        // Who must approve never changes, so that the application is asked before, and not within the write.
        var requested = Require(await FindAsync(no, cancellationToken).ConfigureAwait(false), no);
        var actor = acting.Name;
        if (!acting.KnowsRoles)
        {
            throw new MlOpsException(
                $"Approval {no} of '{requested.Model}' cannot be decided on by '{actor}': nothing says which roles anybody has.",
                "Set WorkspaceOptions.Actors, or register an IActorProvider in the container, whose IsIn says who has a role; for a " +
                    "program of one person, set WorkspaceOptions.Roles.");
        }
        string[] held = [.. requested.Policy.Roles.Distinct(StringComparer.Ordinal).Where(role => acting.IsIn(role, requested.Model))];
        var (approval, refusal, isNew) = await store.WriteAsync(
            connection =>
            {
                var now = Now;
                var found = ApprovalRecords.Expire(connection, Require(ApprovalRecords.Find(connection, no, now), no), now);
                var (decided, refused) = decide(connection, found, actor, held, now);
                return (decided, refused, !ReferenceEquals(decided, found));
            },
            cancellationToken).ConfigureAwait(false);
        return refusal is null ? (approval, isNew) : throw refusal;
    }

    private Task<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken) =>
        store.ReadAsync(read, cancellationToken);

    private static bool IsOf(Approval approval, string actor) => approval.Given.Any(given => Same(given.Actor, actor));

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static Approval Require(Approval? approval, long no) => approval ?? throw new MlOpsException(
        FormattableString.Invariant($"There is no approval {no}."),
        "Approvals.ListAsync lists those that are pending.") { IsOfCaller = true };

    private static MlOpsException Over(Approval approval) => new(
        $"Approval {approval.Id} of '{approval.Model}' cannot be decided on any more. {ApprovalRecords.Explain(approval)}",
        approval.State is ApprovalState.Approved or ApprovalState.Applied
            ? "To go back, call Models.RollbackAsync."
            : "Resume the run, or run the lifecycle again, which requests another one.") { IsOfCaller = true };

    private static string OfAuthor(Approval approval, string actor) =>
        $"'{actor}' cannot approve version {approval.Version} of '{approval.Model}' (approval {approval.Id}): " +
        (Same(approval.Requester, actor) ? "whoever requests an approval does not give it."
            : "whoever made the version does not approve it.");

    private static string WithoutRole(Approval approval, string actor, string deed) =>
        $"'{actor}' cannot {deed} approval {approval.Id} of '{approval.Model}', which awaits " +
        $"{ApprovalPolicy.Describe(approval.Missing)}, and has none of the roles.";
}
