using System.Data.Common;
using MlOps.Sdk.Audit;
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
            ApprovalRecords.Verify(connection, AuditedModel.Read(connection, model));
            return ApprovalRecords.Policy(connection, model);
        },
        cancellationToken);

    /// <summary>Makes sure that the requests of a model are those of the audit log.</summary>
    /// <exception cref="MlOpsException">They are not.</exception>
    public Task VerifyAsync(string model, CancellationToken cancellationToken) => ReadAsync(
        connection =>
        {
            ApprovalRecords.Verify(connection, AuditedModel.Read(connection, model));
            return 0;
        },
        cancellationToken);

    /// <summary>Lets the rule of a model require what its lifecycle asks, too, before anybody approved anything.</summary>
    public Task TightenAsync(ModelVersion version, ApprovalPolicy asked, string actor, CancellationToken cancellationToken) =>
        WriteAsync(
            version.Model,
            (connection, audited) =>
            {
                ApprovalRecords.Verify(connection, audited);
                ApprovalRecords.Tighten(connection, version, asked, Now, actor, "its lifecycle requires it");
                return 0;
            },
            cancellationToken);

    /// <summary>
    /// Requests an approval, unless the same is requested or approved already, by at least the same people: then it joins that one. It
    /// takes the place of another request that nobody has approved yet: versions that come often must not make people begin again and
    /// again.
    /// </summary>
    public Task<Approval> RequestAsync(NewApproval request, CancellationToken cancellationToken) => WriteAsync(
        request.Version.Model,
        (connection, audited) =>
        {
            ApprovalRecords.Verify(connection, audited);
            var now = Now;
            Approval[] all =
            [
                .. ApprovalRecords.Open(connection, request.Version.Model, now)
                    .Where(open => open.Kind == request.Kind && ApprovalRecords.Expire(connection, open, now).Ended is null),
            ];
            var same = all.LastOrDefault(open => open.IsFor(request.Version) && open.Holds(request));
            foreach (var open in all)
            {
                // What is approved already takes nobody's place.
                var isSame = open.IsFor(request.Version);
                var isReplaced = open is { State: ApprovalState.Pending, Given.Count: 0 } && same?.State != ApprovalState.Approved;
                if (isSame ? !open.Holds(request) : isReplaced)
                {
                    var why = !isSame ? FormattableString.Invariant($"version {request.Version.Version} is to go live instead")
                        : !open.Holds(request.Policy) ? "other people must approve it"
                        : request.Run is null ? "another version went live meanwhile"
                        : "another rule is to hold afterwards";
                    ApprovalRecords.Decide(connection, open, ApprovalState.Superseded, ApprovalRecords.Automatic, [], why, now);
                    if (open.State == ApprovalState.Approved) TakeOff(connection, open, now, why);
                }
            }

            return same is null
                ? ApprovalRecords.Add(connection, request, now)
                : ApprovalRecords.Join(connection, same, request, now);
        },
        cancellationToken);

    /// <summary>Makes sure that a version may go live by somebody's deed; where it may not, its approval is requested.</summary>
    /// <param name="version">The version.</param>
    /// <param name="kind">How it is to go live.</param>
    /// <param name="live">The version that is live; <see langword="null"/> when none is.</param>
    /// <param name="reason">Why.</param>
    /// <param name="release">The release of another workspace that it is; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ApprovalRequiredException">It must be approved first, or is a release that was rejected.</exception>
    public async Task RequireAsync(
        ModelVersion version, ApprovalKind kind, int? live, string reason, ApprovedRelease? release, CancellationToken cancellationToken)
    {
        var (policy, about, given, before) = await ReadAsync(
            connection =>
            {
                ApprovalRecords.Verify(connection, AuditedModel.Read(connection, version.Model));
                var now = Now;
                return (
                    ApprovalRule.Find(connection, version, kind),
                    ApprovalRule.KindOf(connection, version, kind),
                    ApprovalRecords.Open(connection, version.Model, now).FirstOrDefault(
                        open => ApprovalRule.IsGiven(open, version, live)),
                    release is null
                        ? null
                        : ApprovalRecords.Of(connection, version, now).FirstOrDefault(approval => approval.Release == release));
            },
            cancellationToken).ConfigureAwait(false);
        if (policy is null || given?.Holds(policy) == true) return;

        // Whoever hands a release over again and again does not ask people again and again.
        if (before is { State: ApprovalState.Rejected or ApprovalState.Superseded })
        {
            throw new ApprovalRequiredException(
                FormattableString.Invariant($"The release of version {version.Version} of '{version.Model}' is not taken up. ") +
                    ApprovalRecords.Explain(before),
                "A later release requests an approval again, and so does Models.PromoteAsync for the version, which is registered.",
                before);
        }
        var approval = await RequestAsync(
            new NewApproval(version, about, live, policy, acting.Person, reason, Run: null) { Release = release },
            cancellationToken).ConfigureAwait(false);
        if (approval.State == ApprovalState.Approved) return;
        throw ApprovalRule.NotYet(approval);
    }

    /// <summary>Notes that a run waits for a request that another one made.</summary>
    public async Task AwaitAsync(long no, string run, CancellationToken cancellationToken)
    {
        if ((await FindAsync(no, cancellationToken).ConfigureAwait(false))?.Runs.Contains(run) == true) return;
        var person = acting.Person;
        await store.WriteAsync(
            connection =>
            {
                var now = Now;
                var approval = Require(ApprovalRecords.Find(connection, no, now), no);
                ApprovalRecords.Join(
                    connection,
                    approval,
                    new NewApproval(
                        RegistryRecords.Get(connection, approval.Model, approval.Version), approval.Kind, approval.LiveVersion,
                        approval.Policy, person, approval.Reason, run),
                    now);
            },
            cancellationToken).ConfigureAwait(false);
    }

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

    /// <summary>Takes back what was approved, because it does not hold any more: the version answers no calls by it.</summary>
    public Task WithdrawAsync(ModelVersion version, string reason, CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            var now = Now;
            if (ApprovalRule.Withdraw(connection, version.Model, version.Version, now, reason))
            {
                ApprovalRule.TakeOff(connection, version.Model, version.Version, now, $"its approval was withdrawn: {reason}");
            }
        },
        cancellationToken);

    /// <summary>Approves a request as who acts.</summary>
    /// <exception cref="MlOpsException">The actor cannot approve it, or it is over.</exception>
    public Task<(Approval Approval, bool IsNew)> ApproveAsync(long no, string reason, CancellationToken cancellationToken) => DecideAsync(
        no,
        (connection, audited, approval, actor, held, now) =>
        {
            if (approval.State is ApprovalState.Approved or ApprovalState.Applied || IsOf(approval, actor)) return (approval, null);
            if (approval.State != ApprovalState.Pending) return (approval, Over(approval));
            if (approval.Excludes(actor.Id)) return (approval, new NotAllowedException(OfAuthor(approval, actor)));
            if (held.Count == 0) return (approval, new NotAllowedException(WithoutRole(approval, actor, "approve")));
            ApprovalRecords.Verify(connection, audited);
            var decided = ApprovalRecords.Decide(connection, approval, ApprovalState.Approved, actor, held, reason, now);
            return decided.Missing.Count < approval.Missing.Count
                ? (decided, null)
                : throw new NotAllowedException(
                    $"Approval {approval.Id} needs nobody more as {ApprovalPolicy.Describe(held)}: it awaits " +
                        $"{ApprovalPolicy.Describe(approval.Missing)}.");
        },
        cancellationToken);

    /// <summary>Rejects a request as who acts, or takes back what was approved and has not happened yet.</summary>
    /// <exception cref="MlOpsException">The actor cannot reject it, or it is over.</exception>
    public Task<(Approval Approval, bool IsNew)> RejectAsync(long no, string reason, CancellationToken cancellationToken) => DecideAsync(
        no,
        (connection, audited, approval, actor, held, now) =>
        {
            if (approval.State == ApprovalState.Rejected && approval.Ended!.ActorId is { } id && ActingPerson.IsSame(id, actor.Id))
            {
                return (approval, null);
            }
            if (approval.State is not (ApprovalState.Pending or ApprovalState.Approved)) return (approval, Over(approval));

            // Who requested it takes it back, and so does who approved it and has another role by now.
            if (held.Count == 0 && !approval.Excludes(actor.Id) && !IsOf(approval, actor))
            {
                return (approval, new NotAllowedException(WithoutRole(approval, actor, "reject")));
            }
            ApprovalRecords.Verify(connection, audited);
            var rejected = ApprovalRecords.Decide(connection, approval, ApprovalState.Rejected, actor, held, reason, now);
            if (approval.State == ApprovalState.Approved) TakeOff(connection, approval, now, ApprovalRecords.Explain(rejected));
            return (rejected, null);
        },
        cancellationToken);

    private static void TakeOff(DbConnection connection, Approval approval, DateTimeOffset now, string why) =>
        ApprovalRule.TakeOff(connection, approval.Model, approval.Version, now, $"its approval does not hold any more: {why}");

    private DateTimeOffset Now => store.Clock.GetUtcNow();

    /// <returns>The request as it is now, and whether this call decided something.</returns>
    private async Task<(Approval Approval, bool IsNew)> DecideAsync(
        long no,
        Func<DbConnection, AuditedModel, Approval, ActingPerson, IReadOnlyList<string>, DateTimeOffset, (Approval, MlOpsException?)> decide,
        CancellationToken cancellationToken)
    {
        // Who must approve never changes, so that the application is asked before, and not within the write.
        var requested = Require(await FindAsync(no, cancellationToken).ConfigureAwait(false), no);
        var actor = acting.Person;
        if (!acting.KnowsRoles)
        {
            throw new MlOpsException(
                $"Approval {no} of '{requested.Model}' cannot be decided on by '{actor.Name}': nothing says which roles anybody has.",
                "Set WorkspaceOptions.Actors, or register an IActorProvider in the container, whose IsIn says who has a role; for a " +
                    "program of one person, set WorkspaceOptions.Roles.");
        }
        string[] held = [.. requested.Policy.Roles.Distinct(StringComparer.Ordinal).Where(role => acting.IsIn(role, requested.Model))];
        var (approval, refusal, isNew) = await WriteAsync(
            requested.Model,
            (connection, audited) =>
            {
                var now = Now;
                var found = ApprovalRecords.Expire(connection, Require(ApprovalRecords.Find(connection, no, now), no), now);
                var (decided, refused) = decide(connection, audited, found, actor, held, now);
                return (decided, refused, !ReferenceEquals(decided, found));
            },
            cancellationToken).ConfigureAwait(false);
        return refusal is null ? (approval, isNew) : throw refusal;
    }

    // The log of a model grows with its age: it is read ahead, so that the only writer does not wait for it.
    private async Task<T> WriteAsync<T>(string model, Func<DbConnection, AuditedModel, T> work, CancellationToken cancellationToken)
    {
        var ahead = await AuditedModel.ReadAheadAsync(store, model, null, cancellationToken).ConfigureAwait(false);
        return await store.WriteAsync(
            connection => work(connection, ahead.ReadOn(connection)), cancellationToken).ConfigureAwait(false);
    }

    private Task<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken) =>
        store.ReadAsync(read, cancellationToken);

    private static bool IsOf(Approval approval, ActingPerson actor) =>
        approval.Given.Any(given => ActingPerson.IsSame(given.ActorId, actor.Id));

    private static Approval Require(Approval? approval, long no) => approval ?? throw new MlOpsException(
        FormattableString.Invariant($"There is no approval {no}."),
        "Approvals.ListAsync lists those that are pending.") { IsOfCaller = true };

    private static MlOpsException Over(Approval approval) => new(
        $"Approval {approval.Id} of '{approval.Model}' cannot be decided on any more. {ApprovalRecords.Explain(approval)}",
        approval switch
        {
            { State: ApprovalState.Applied } => "To go back, call Models.RollbackAsync.",
            { Kind: ApprovalKind.Rollback } => "Call Models.RollbackAsync again, which requests another one.",
            { Runs: [.., var run] } => $"Resume the run '{run}', or run the lifecycle again, which requests another one.",
            _ => "Call Models.PromoteAsync again, which requests another one.",
        }) { IsOfCaller = true };

    private static string OfAuthor(Approval approval, ActingPerson actor) =>
        $"'{actor.Name}' cannot approve version {approval.Version} of '{approval.Model}' (approval {approval.Id}): " +
        (ActingPerson.IsSame(approval.RequesterId, actor.Id) ? "whoever requests an approval does not give it."
            : "whoever made the version does not approve it.");

    private static string WithoutRole(Approval approval, ActingPerson actor, string deed) =>
        $"'{actor.Name}' cannot {deed} approval {approval.Id} of '{approval.Model}', which awaits " +
        $"{ApprovalPolicy.Describe(approval.Policy.Roles)}, and has none of the roles.";
}
