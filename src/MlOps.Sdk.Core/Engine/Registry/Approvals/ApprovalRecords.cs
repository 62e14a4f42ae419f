using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Registry;

/// <summary>
/// Reads and writes requests for approval inside the caller's read or write. Whatever is written has its audit entry in the same commit.
/// </summary>
internal static class ApprovalRecords
{
    /// <summary>Who decides where nobody does.</summary>
    public static readonly ActingPerson Automatic = new("approvals", "approvals");

    private const int Most = 1_000;

    // What makes a version: whoever computed one of these, and was taken from, is one of its authors.
    private static readonly LifecycleStage[] s_making =
        [LifecycleStage.Collection, LifecycleStage.Processing, LifecycleStage.Features, LifecycleStage.Training];

    /// <summary>Who must approve what goes live of a model; <see langword="null"/> when nobody must.</summary>
    public static ApprovalPolicy? Policy(DbConnection connection, string model) =>
        ApprovalPolicyTable.Find(connection, model) is { } row
            ? StoredRecord.Read($"the approvals that '{model}' needs", () => ApprovalJson.ReadPolicy(row.Policy))
            : null;

    /// <summary>Says who must approve what goes live of a model, unless that is so already.</summary>
    public static void SetPolicy(
        DbConnection connection, ModelVersion of, ApprovalPolicy? policy, DateTimeOffset at, string actor, string reason)
    {
        var json = ApprovalJson.Write(policy);
        var before = ApprovalPolicyTable.Find(connection, of.Model)?.Policy ?? ApprovalJson.Write((ApprovalPolicy?)null);
        if (json == before) return;
        ApprovalPolicyTable.Insert(
            connection, new ApprovalPolicyRow { Model = of.Model, Policy = json, At = at.UtcTicks, Actor = actor, Reason = reason });
        AuditLog.Append(
            connection, at, actor, AuditedApprovals.PolicySet, RegistryRecords.SubjectOf(of.Model, of.Version),
            StorageJson.WriteFields(("policy", json), ("reason", reason)));
    }

    /// <summary>Lets a rule require what is asked, too: only less must wait for an approval.</summary>
    public static void Tighten(
        DbConnection connection, ModelVersion of, ApprovalPolicy asked, DateTimeOffset at, string actor, string reason)
    {
        var before = Policy(connection, of.Model);
        if (before?.Covers(asked) == true) return;
        SetPolicy(connection, of, ApprovalPolicy.Stricter(before, asked), at, actor, reason);
    }

    /// <summary>Makes sure that the requests of a model are those of the audit log.</summary>
    /// <exception cref="MlOpsException">They are not.</exception>
    public static void Verify(DbConnection connection, AuditedModel audited)
    {
        if (audited.CompareApprovals(connection) is { } difference) throw difference.ToException();
    }

    public static Approval? Find(DbConnection connection, long no, DateTimeOffset now) =>
        ApprovalTable.Find(connection, no) is { } row ? Read(connection, row, now) : null;

    /// <summary>The newest request that a run waits for, or waited for to the end.</summary>
    public static Approval? FindOfRun(DbConnection connection, string run, DateTimeOffset now) =>
        ApprovalTable.FindOfRun(connection, run) is { } row ? Read(connection, row, now) : null;

    /// <summary>
    /// The requests of a model that are pending, approved and not applied, or expired and not noted as that; newest first.
    /// </summary>
    public static IReadOnlyList<Approval> Open(DbConnection connection, string model, DateTimeOffset now) =>
        [.. ApprovalTable.List(connection, model, isOpen: true, Most).Select(row => Read(connection, row, now))];

    /// <summary>All requests for one version of a model, newest first.</summary>
    public static IEnumerable<Approval> Of(DbConnection connection, ModelVersion version, DateTimeOffset now) =>
        ApprovalTable.List(connection, version.Model, isOpen: false, int.MaxValue)
            .Where(row => row.Version == version.Version && row.ContentHash == version.ContentHash)
            .Select(row => Read(connection, row, now));

    public static Approval Read(DbConnection connection, ApprovalRow row, DateTimeOffset now) => StoredRecord.Read(
        $"approval {row.No}",
        () =>
        {
            var decisions = ApprovalTable.Decisions(connection, row.No);
            var policy = ApprovalJson.ReadPolicy(row.Policy)!;
            var joins = ApprovalTable.Joins(connection, row.No);
            var given = decisions.Where(decision => decision.Decision == nameof(ApprovalState.Approved)).ToArray();
            var (roles, missing) = ApprovalRoles.Match(
                policy.Roles, [.. given.Select(decision => ApprovalJson.ReadNames(decision.Roles))]);
            var ended = decisions.LastOrDefault(decision => decision.Decision != nameof(ApprovalState.Approved));
            var isGiven = missing.Count == 0;
            var expires = isGiven ? Ticks.Add(Ticks.ToTime(given[^1].At), policy.ExpiresAfter) : Ticks.ToTime(row.ExpiresAt);
            var state = ended is not null ? Enum.Parse<ApprovalState>(ended.Decision)
                : now >= expires && !(isGiven && Answers(connection, row)) ? ApprovalState.Expired
                : isGiven ? ApprovalState.Approved
                : ApprovalState.Pending;
            return new Approval
            {
                Id = row.No,
                Model = row.Model,
                Version = row.Version,
                ContentHash = row.ContentHash,
                Kind = Enum.Parse<ApprovalKind>(row.Kind),
                LiveVersion = joins.Count > 0 ? joins[^1].Live : row.Live,
                State = state,
                Requester = row.Requester,
                RequesterId = row.RequesterId,
                Authors =
                [
                    .. joins.Select(join => join.Authors).Prepend(row.Authors).SelectMany(ApprovalJson.ReadNames)
                        .Distinct(StringComparer.OrdinalIgnoreCase),
                ],
                Policy = policy,
                Afterwards = row.Afterwards is { } afterwards ? ApprovalJson.ReadPolicy(afterwards) : null,
                RequestedAt = Ticks.ToTime(row.RequestedAt),
                ExpiresAt = expires,
                Reason = row.Reason,
                Given = [.. given.Select((decision, i) => ToDecision(decision, roles[i]))],
                Missing = [.. missing.Order(StringComparer.Ordinal)],
                Ended = ended is null ? null : ToDecision(ended, null),
                Runs = RunsOf(row, joins),
                Release = ApprovedRelease.Read(joins.LastOrDefault(join => join.Release is not null)?.Release ?? row.Release),
            };
        });

    /// <summary>Adds a request.</summary>
    public static Approval Add(DbConnection connection, NewApproval request, DateTimeOffset now)
    {
        var version = request.Version;
        var row = new ApprovalRow
        {
            Model = version.Model,
            Version = version.Version,
            ContentHash = version.ContentHash,
            Kind = request.Kind.ToString(),
            Live = request.LiveVersion,
            Requester = request.Requester.Name,
            RequesterId = request.Requester.Id,
            Authors = ApprovalJson.Write(LeftOut(connection, request.Kind, version, request.Run)),
            Policy = ApprovalJson.Write(request.Policy),
            Afterwards = request.Afterwards is { } afterwards ? ApprovalJson.Write(afterwards) : null,
            Run = request.Run,
            Release = ApprovedRelease.Write(request.Release),
            RequestedAt = now.UtcTicks,
            ExpiresAt = Ticks.Add(now, request.Policy.ExpiresAfter).UtcTicks,
            Reason = request.Reason,
        };
        row = row with { No = ApprovalTable.Insert(connection, row) };
        AuditLog.Append(
            connection, now, row.Requester, AuditedApprovals.Requested, RegistryRecords.SubjectOf(row.Model, row.Version),
            AuditedApprovals.DetailsOf(row));
        return Read(connection, row, now);
    }

    /// <summary>Adds to a request what another one for the same brings: its requester, its run, and what is live now.</summary>
    public static Approval Join(DbConnection connection, Approval approval, NewApproval request, DateTimeOffset now)
    {
        var isNew = request.Run is { } run ? !approval.Runs.Contains(run) : !approval.Excludes(request.Requester.Id);
        var isOfRelease = request.Release is not null && request.Release != approval.Release;
        if (!isNew && !isOfRelease && approval.LiveVersion == request.LiveVersion) return approval;

        // Who approved it did not work on it until then.
        var authors = isNew && approval.State == ApprovalState.Pending
            ? LeftOut(connection, approval.Kind, request.Version, request.Run)
                .Append(request.Requester.Id)
                .Where(id => !approval.Excludes(id) && !approval.Given.Any(given => ActingPerson.IsSame(given.ActorId, id)))
                .Distinct(StringComparer.OrdinalIgnoreCase)
            : [];
        var row = new ApprovalJoinRow
        {
            Approval = approval.Id,
            Run = isNew ? request.Run : null,
            Live = request.LiveVersion,
            Actor = request.Requester.Name,
            Authors = ApprovalJson.Write([.. authors]),
            Release = isOfRelease ? ApprovedRelease.Write(request.Release) : null,
            At = now.UtcTicks,
        };
        ApprovalTable.Insert(connection, row);
        AuditLog.Append(
            connection, now, row.Actor, AuditedApprovals.Joined, RegistryRecords.SubjectOf(approval.Model, approval.Version),
            AuditedApprovals.DetailsOf(row));
        return Find(connection, approval.Id, now)!;
    }

    // In the order in which they came; one that left and came again is the last.
    private static IReadOnlyList<string> RunsOf(ApprovalRow row, IReadOnlyList<ApprovalJoinRow> joins)
    {
        List<string> runs = row.Run is null ? [] : [row.Run];
        foreach (var join in joins.Where(join => join.Run is not null))
        {
            if (join.Leaves == 1) runs.Remove(join.Run!);
            else if (!runs.Contains(join.Run!)) runs.Add(join.Run!);
        }

        return runs;
    }

    /// <summary>Adds what was decided, and ends the runs that cannot go on.</summary>
    public static Approval Decide(
        DbConnection connection,
        Approval approval,
        ApprovalState decision,
        ActingPerson actor,
        IReadOnlyList<string> roles,
        string reason,
        DateTimeOffset now)
    {
        var row = new ApprovalDecisionRow
        {
            Approval = approval.Id,
            Decision = decision.ToString(),
            Actor = actor.Name,
            ActorId = actor.Id,
            Roles = ApprovalJson.Write(roles),
            At = now.UtcTicks,
            Reason = reason,
        };
        ApprovalTable.Insert(connection, row);
        AuditLog.Append(
            connection, now, row.Actor, AuditedApprovals.ActionOf(row.Decision),
            RegistryRecords.SubjectOf(approval.Model, approval.Version),
            AuditedApprovals.DetailsOf(row));
        var decided = Find(connection, approval.Id, now)!;
        EndRuns(connection, decided, now);
        return decided;
    }

    /// <summary>Ends the runs that wait for a request which will not be approved any more.</summary>
    public static void EndRuns(DbConnection connection, Approval approval, DateTimeOffset now)
    {
        // What something newer took the place of did not fail.
        RunState? state = approval.State switch
        {
            ApprovalState.Rejected or ApprovalState.Expired => RunState.Failed,
            ApprovalState.Superseded => RunState.Cancelled,
            _ => null,
        };
        if (state is { } ended) ApprovalTable.EndRuns(connection, approval.Id, ended.ToString(), now.UtcTicks, Explain(approval));
    }

    /// <summary>
    /// Ends what was requested for a run that will make another version. A request that another run waits for stays, without this one.
    /// </summary>
    public static void Leave(DbConnection connection, string run, string reason, DateTimeOffset now)
    {
        foreach (var row in ApprovalTable.OpenOfRun(connection, run))
        {
            if (ApprovalTable.HasRunThatGoesOn(connection, row.No, except: run))
            {
                Part(connection, Read(connection, row, now), run, now);
                continue;
            }
            var open = Expire(connection, Read(connection, row, now), now);
            if (open.Ended is null) Decide(connection, open, ApprovalState.Superseded, Automatic, [], reason, now);
        }
    }

    private static void Part(DbConnection connection, Approval approval, string run, DateTimeOffset now)
    {
        var row = new ApprovalJoinRow
        {
            Approval = approval.Id,
            Run = run,
            Live = approval.LiveVersion,
            Actor = Automatic.Name,
            Authors = ApprovalJson.Write([]),
            At = now.UtcTicks,
            Leaves = 1,
        };
        ApprovalTable.Insert(connection, row);
        AuditLog.Append(
            connection, now, row.Actor, AuditedApprovals.Left, RegistryRecords.SubjectOf(approval.Model, approval.Version),
            AuditedApprovals.DetailsOf(row));
    }

    /// <summary>Notes that a request has expired, if it has and that is not noted.</summary>
    public static Approval Expire(DbConnection connection, Approval approval, DateTimeOffset now) =>
        approval is { State: ApprovalState.Expired, Ended: null }
            ? Decide(
                connection, approval, ApprovalState.Expired, Automatic, [],
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"it was not {(approval.Missing.Count > 0 ? "approved" : "applied")} by {approval.ExpiresAt.UtcDateTime:u}"),
                now)
            : approval;

    /// <summary>How a request ended, as a sentence.</summary>
    public static string Explain(Approval approval) => approval.State switch
    {
        ApprovalState.Rejected => $"Approval {approval.Id} was rejected by {Line(approval.Ended?.Actor)}: {Line(approval.Ended?.Reason)}.",
        ApprovalState.Expired => FormattableString.Invariant($"Approval {approval.Id} expired on {approval.ExpiresAt:u}, before ") +
            (approval.Missing.Count > 0 ? $"{ApprovalPolicy.Describe(approval.Missing)} approved it." : "it was applied."),
        ApprovalState.Superseded => $"Approval {approval.Id} was superseded: {Line(approval.Ended?.Reason)}.",
        ApprovalState.Applied => $"Approval {approval.Id} was given by {approval.Approvers()}, and applied.",
        ApprovalState.Approved => $"Approval {approval.Id} was given by {approval.Approvers()}.",
        _ => approval.Awaited(),
    };

    // What people write must not look like lines of a log.
    private static string Line(string? text) => PrintableText.Line(text ?? "").TrimEnd('.');

    private static ApprovalDecision ToDecision(ApprovalDecisionRow row, string? role) =>
        new(row.Actor, role, Ticks.ToTime(row.At), row.Reason) { ActorId = row.ActorId };

    // A rollout may take longer than an approval is good for.
    private static bool Answers(DbConnection connection, ApprovalRow row) => TrafficTable.Find(connection, row.Model) is { } traffic
        && TrafficRegistry.ArmsOf(traffic).Any(arm => arm.Version == row.Version && !arm.IsShadow && arm.Share > 0);

    // Back to what only newer versions took the place of, anybody may let it go: it passed once, and was not taken off. A version that an
    // older one took the place of was taken off for a reason.
    private static IReadOnlyList<string> LeftOut(DbConnection connection, ApprovalKind kind, ModelVersion version, string? run) =>
        kind == ApprovalKind.Rollback
            && AliasTable.History(connection, version.Model, ModelRegistry.Champion)
                .All(move => move.Previous != version.Version || move.Version > version.Version)
            ? []
            : Authors(connection, version, run);

    // Whoever worked on a version must not be the one who lets it pass.
    private static IReadOnlyList<string> Authors(DbConnection connection, ModelVersion version, string? run) =>
    [
        .. AuditTable.ReadAbout(connection, RegistryRecords.SubjectOf(version.Model, version.Version))
            .Where(read => read.Entry.Action == "model.registered")
            .Select(read => ActingPerson.IdOf(read.Entry.Actor, StorageJson.ReadFields(read.Entry.Details)))
            .Concat(
                new[] { version.RunId, run }.OfType<string>().Distinct()
                    .SelectMany(id => RunStageTable.Makers(connection, id, s_making).Append(id))
                    .Distinct()
                    .SelectMany(id => AuditedWork.Of(connection, id)))
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];
}
