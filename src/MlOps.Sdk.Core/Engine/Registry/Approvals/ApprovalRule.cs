using System.Data.Common;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>
/// What may happen to a model of which approvals are required, held inside the write that lets it happen: no process gets round it.
/// The caller has compared the requests with the audit log (<see cref="RegistryRecords.GetBlessed"/>).
/// </summary>
internal static class ApprovalRule
{
    /// <summary>Whether a version may only go live when it is approved.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="version">The version.</param>
    /// <param name="kind">How it goes live.</param>
    /// <returns>Who must approve; <see langword="null"/> when nobody must.</returns>
    public static ApprovalPolicy? Find(DbConnection connection, ModelVersion version, ApprovalKind kind) =>
        ApprovalRecords.Policy(connection, version.Model) is { } policy
        && !(kind == ApprovalKind.Rollback && !policy.CoversRollback && WasLive(connection, version))
            ? policy
            : null;

    /// <summary>What a request for a version is about: one that was never live is not gone back to, whatever the deed is called.</summary>
    public static ApprovalKind KindOf(DbConnection connection, ModelVersion version, ApprovalKind kind) =>
        kind == ApprovalKind.Rollback && !WasLive(connection, version) ? ApprovalKind.Promotion : kind;

    /// <summary>
    /// Uses the approval of a version that goes live, with what it says of the rule, and ends the requests that this leaves without an
    /// object.
    /// </summary>
    /// <exception cref="ApprovalRequiredException">It needs one, and has none.</exception>
    public static void UseFor(
        DbConnection connection, ModelVersion version, ApprovalKind kind, int? live, DateTimeOffset at, string actor)
    {
        var open = ApprovalRecords.Open(connection, version.Model, at);
        var given = open.FirstOrDefault(approval => IsGiven(approval, version, live));
        var rule = ApprovalRecords.Policy(connection, version.Model);
        if (Find(connection, version, kind) is { } policy && given?.Holds(policy) != true)
        {
            throw Missing(version, policy, "go live", open.FirstOrDefault(approval => approval.IsFor(version)), live);
        }
        if (given is not null)
        {
            ApprovalRecords.Decide(
                connection, given, ApprovalState.Applied, new ActingPerson(actor, actor), [],
                FormattableString.Invariant($"version {version.Version} went live"), at);
            if (given.Afterwards is { } afterwards)
            {
                // What was required after it had been requested, nobody agreed to drop.
                var next = rule is null || given.Policy.Covers(rule) ? afterwards : ApprovalPolicy.Stricter(afterwards, rule)!;
                ApprovalRecords.SetPolicy(
                    connection, version, next.Roles.Count == 0 ? null : next, at, actor,
                    FormattableString.Invariant($"approval {given.Id} was applied"));
            }
        }

        // A run that waits is judged against what is live when it goes on; nobody would judge the others again.
        foreach (var stale in open.Where(approval => approval != given))
        {
            if (!stale.IsFor(version) && ApprovalTable.HasRunThatGoesOn(connection, stale.Id)) continue;
            if (ApprovalRecords.Expire(connection, stale, at).Ended is not null) continue;
            ApprovalRecords.Decide(
                connection, stale, ApprovalState.Superseded, ApprovalRecords.Automatic, [],
                FormattableString.Invariant($"version {version.Version} went live"), at);
        }
    }

    /// <summary>Whether a request lets a version take the place of the one that is live.</summary>
    public static bool IsGiven(Approval approval, ModelVersion version, int? live) =>
        approval.State == ApprovalState.Approved && approval.IsFor(version) && approval.LiveVersion == live;

    /// <summary>Makes sure that a version may answer a share of the calls.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="version">The version.</param>
    /// <param name="live">The version that is live.</param>
    /// <param name="arm">Its arm.</param>
    /// <param name="present">The arms that there are now.</param>
    /// <param name="at">When.</param>
    /// <exception cref="ApprovalRequiredException">It must be approved, and is not.</exception>
    public static void RequireFor(
        DbConnection connection,
        ModelVersion version,
        int live,
        TrafficArm arm,
        IReadOnlyList<TrafficArm> present,
        DateTimeOffset at)
    {
        if (arm.IsShadow || arm.Share == 0 || Find(connection, version, ApprovalKind.Rollback) is not { } policy) return;
        if (present.Any(now => !now.IsShadow && now.Version == arm.Version && now.Share >= arm.Share)) return;
        var open = ApprovalRecords.Open(connection, version.Model, at);
        if (open.Any(approval => IsGiven(approval, version, live) && approval.Holds(policy))) return;
        throw Missing(version, policy, "answer calls", open.FirstOrDefault(approval => approval.IsFor(version)), live);
    }

    /// <summary>Takes a version off the calls that it answered by an approval which does not hold any more, and ends its rollout.</summary>
    public static void TakeOff(DbConnection connection, string model, int version, DateTimeOffset at, string reason)
    {
        if (Find(connection, RegistryRecords.Get(connection, model, version), ApprovalKind.Rollback) is null) return;
        if (RolloutTable.Find(connection, model) is { State: RolloutRegistry.Running } last && last.Version == version)
        {
            RolloutRegistry.Append(connection, RolloutRegistry.Cancelled(last, at, ApprovalRecords.Automatic.Name, reason), last.No);
        }
        TrafficRegistry.TakeOff(connection, model, version, at, ApprovalRecords.Automatic.Name, reason);
    }

    /// <summary>Makes sure that a version may stand in for the live one: it was live, or approved, before.</summary>
    /// <exception cref="ApprovalRequiredException">It must be approved, and never was.</exception>
    public static void RequireForFallback(DbConnection connection, ModelVersion version, DateTimeOffset at)
    {
        if (ApprovalRecords.Policy(connection, version.Model) is not { } policy || WasLive(connection, version)) return;
        if (ApprovalRecords.Of(connection, version, at).Any(
            approval => approval.State is ApprovalState.Approved or ApprovalState.Applied))
        {
            return;
        }
        throw Missing(version, policy, "answer calls", null, null);
    }

    /// <summary>Takes back what was approved and not applied of a version, because it did not keep what it promised.</summary>
    /// <returns>Whether there was something.</returns>
    public static bool Withdraw(DbConnection connection, string model, int version, DateTimeOffset at, string reason)
    {
        var isWithdrawn = false;
        foreach (var given in ApprovalRecords.Open(connection, model, at).Where(approval => approval.Version == version))
        {
            if (given.State != ApprovalState.Approved) continue;
            ApprovalRecords.Decide(connection, given, ApprovalState.Superseded, ApprovalRecords.Automatic, [], reason, at);
            isWithdrawn = true;
        }

        return isWithdrawn;
    }

    /// <summary>The error for what must be approved first.</summary>
    public static ApprovalRequiredException Missing(
        ModelVersion version, ApprovalPolicy policy, string deed, Approval? pending, int? live) => new(
        FormattableString.Invariant($"Version {version.Version} of '{version.Model}' may not {deed}, because it must be approved by ") +
            $"{ApprovalPolicy.Describe(policy.Roles)}, and is not. {(pending is null ? "" : ApprovalRecords.Explain(pending))}".TrimEnd() +
            (pending is { State: ApprovalState.Approved } && pending.LiveVersion != live
                ? $" That was to take the place of {NameOf(pending.LiveVersion)}, and {NameOf(live)} is live."
                : ""),
        pending is { State: ApprovalState.Pending }
            ? "Let them call Workspace.Approvals.ApproveAsync."
            : "Run its lifecycle, or call Models.RollbackAsync, which request the approval.",
        pending);

    /// <summary>The error for a version that passed every gate but the one of its approval.</summary>
    /// <returns>
    /// An <see cref="ApprovalRequiredException"/>; another error where everybody approved it, and it only has not gone live yet.
    /// </returns>
    public static MlOpsException Awaited(DbConnection connection, ModelVersion version, DateTimeOffset at)
    {
        var request = ApprovalRecords.Of(connection, version, at).FirstOrDefault(approval => approval.Kind == ApprovalKind.Promotion);
        var name = FormattableString.Invariant($"Version {version.Version} of '{version.Model}'");
        return request switch
        {
            { State: ApprovalState.Pending } => NotYet(request),
            { State: ApprovalState.Approved } => new MlOpsException(
                $"{name} is not live yet: {ApprovalRecords.Explain(request)}",
                request.Runs.Count > 0
                    ? "Resume the run that waited for it; a host with the lifecycle does so by itself."
                    : "Call Workspace.Approvals.ApproveAsync again, which makes it live.") { IsOfCaller = true },
            _ => new ApprovalRequiredException(
                $"{name} may not go live, because it must be approved, and is not." +
                    (request is null ? "" : $" {ApprovalRecords.Explain(request)}"),
                "Resume the run that made it, or import it again, which requests the approval.",
                request),
        };
    }

    /// <summary>The error for a version whose approval people have not given yet.</summary>
    public static ApprovalRequiredException NotYet(Approval awaited) => new(
        FormattableString.Invariant($"Version {awaited.Version} of '{awaited.Model}' is not live yet: {awaited.Awaited()}"),
        awaited.Runs.Count > 0
            ? "The run that waits for it goes on once all of them have approved it with Workspace.Approvals.ApproveAsync."
            : "It goes live once all of them have approved it with Workspace.Approvals.ApproveAsync.",
        awaited);

    private static string NameOf(int? version) =>
        version is { } number ? FormattableString.Invariant($"version {number}") : "no version";

    private static bool WasLive(DbConnection connection, ModelVersion version) =>
        AliasTable.Pointed(connection, version.Model, ModelRegistry.Champion, version.Version);
}
