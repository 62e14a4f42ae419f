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
    public const string Automatic = "approvals";

    private const int Most = 1_000;

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

    /// <summary>Makes sure that the requests of a model are those of the audit log.</summary>
    /// <exception cref="MlOpsException">They are not.</exception>
    public static void Verify(DbConnection connection, string model)
    {
        if (AuditedModel.Read(connection, model).CompareApprovals(connection) is { } difference) throw difference.ToException();
    }

    public static Approval? Find(DbConnection connection, long no, DateTimeOffset now) =>
        ApprovalTable.Find(connection, no) is { } row ? Read(connection, row, now) : null;

    /// <summary>The newest request that a run waited for.</summary>
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
            var given = decisions.Where(decision => decision.Decision == nameof(ApprovalState.Approved)).ToArray();
            var (roles, missing) = ApprovalRoles.Match(
                policy.Roles, [.. given.Select(decision => ApprovalJson.ReadNames(decision.Roles))]);
            var ended = decisions.LastOrDefault(decision => decision.Decision != nameof(ApprovalState.Approved));
            var state = ended is not null ? Enum.Parse<ApprovalState>(ended.Decision)
                : missing.Count == 0 ? ApprovalState.Approved
                : now.UtcTicks >= row.ExpiresAt ? ApprovalState.Expired
                : ApprovalState.Pending;
            return new Approval
            {
                Id = row.No,
                Model = row.Model,
                Version = row.Version,
                ContentHash = row.ContentHash,
                Kind = Enum.Parse<ApprovalKind>(row.Kind),
                LiveVersion = row.Live,
                State = state,
                Requester = row.Requester,
                Authors = ApprovalJson.ReadNames(row.Authors),
                Policy = policy,
                RequestedAt = Ticks.ToTime(row.RequestedAt),
                ExpiresAt = Ticks.ToTime(row.ExpiresAt),
                Reason = row.Reason,
                Given = [.. given.Select((decision, i) => ToDecision(decision, roles[i]))],
                Missing = missing,
                Ended = ended is null ? null : ToDecision(ended, null),
                Runs = ApprovalTable.Runs(connection, row.No),
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
            Requester = request.Requester,
            Authors = ApprovalJson.Write(request.Kind == ApprovalKind.Rollback ? [] : Authors(connection, version, request.Run)),
            Policy = ApprovalJson.Write(request.Policy),
            RequestedAt = now.UtcTicks,
            ExpiresAt = Ticks.Add(now, request.Policy.ExpiresAfter).UtcTicks,
            Reason = request.Reason,
        };
        row = row with { No = ApprovalTable.Insert(connection, row) };
        AuditLog.Append(
            connection, now, request.Requester, AuditedApprovals.Requested, RegistryRecords.SubjectOf(row.Model, row.Version),
            AuditedApprovals.DetailsOf(row));
        if (request.Run is { } run) ApprovalTable.AddRun(connection, row.No, run);
        return Read(connection, row, now);
    }

    /// <summary>Adds what was decided, and ends the runs that cannot go on.</summary>
    public static Approval Decide(
        DbConnection connection,
        Approval approval,
        ApprovalState decision,
        string actor,
        IReadOnlyList<string> roles,
        string reason,
        DateTimeOffset now)
    {
        var row = new ApprovalDecisionRow
        {
            Approval = approval.Id,
            Decision = decision.ToString(),
            Actor = actor,
            Roles = ApprovalJson.Write(roles),
            At = now.UtcTicks,
            Reason = reason,
        };
        ApprovalTable.Insert(connection, row);
        AuditLog.Append(
            connection, now, actor, AuditedApprovals.ActionOf(row.Decision), RegistryRecords.SubjectOf(approval.Model, approval.Version),
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
    /// Ends what was requested for a run that will make another version. A request that another run waits for stays.
    /// </summary>
    public static void Leave(DbConnection connection, string run, string reason, DateTimeOffset now)
    {
        foreach (var row in ApprovalTable.OpenOfRun(connection, run))
        {
            if (ApprovalTable.IsAwaitedByOther(connection, row.No, run))
            {
                ApprovalTable.RemoveRun(connection, row.No, run);
                continue;
            }
            var open = Expire(connection, Read(connection, row, now), now);
            if (open.Ended is null) Decide(connection, open, ApprovalState.Superseded, Automatic, [], reason, now);
        }
    }

    /// <summary>Notes that a request has expired, if it has and that is not noted.</summary>
    public static Approval Expire(DbConnection connection, Approval approval, DateTimeOffset now) =>
        approval is { State: ApprovalState.Expired, Ended: null }
            ? Decide(
                connection, approval, ApprovalState.Expired, Automatic, [],
                $"it was not approved by {approval.ExpiresAt.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)}", now)
            : approval;

    /// <summary>How a request ended, as a sentence.</summary>
    public static string Explain(Approval approval) => approval.State switch
    {
        ApprovalState.Rejected => $"Approval {approval.Id} was rejected by {Line(approval.Ended?.Actor)}: {Line(approval.Ended?.Reason)}.",
        ApprovalState.Expired => FormattableString.Invariant($"Approval {approval.Id} expired on {approval.ExpiresAt:u}, before ") +
            $"{ApprovalPolicy.Describe(approval.Missing)} approved it.",
        ApprovalState.Superseded => $"Approval {approval.Id} was superseded: {Line(approval.Ended?.Reason)}.",
        ApprovalState.Applied => $"Approval {approval.Id} was given by {approval.Approvers()}, and applied.",
        ApprovalState.Approved => $"Approval {approval.Id} was given by {approval.Approvers()}.",
        _ => approval.Awaited(),
    };

    // What people write must not look like lines of a log.
    private static string Line(string? text) => PrintableText.Line(text ?? "").TrimEnd('.');

    private static ApprovalDecision ToDecision(ApprovalDecisionRow row, string? role) =>
        new(row.Actor, role, Ticks.ToTime(row.At), row.Reason);

    // Whoever worked on a version must not be the one who lets it pass.
    private static IReadOnlyList<string> Authors(DbConnection connection, ModelVersion version, string? run) =>
    [
        .. AuditTable.ReadAbout(connection, RegistryRecords.SubjectOf(version.Model, version.Version))
            .Where(read => read.Entry.Action == "model.registered")
            .Select(read => read.Entry.Actor)
            .Concat(new[] { version.RunId, run }.OfType<string>().Select(id => ApprovalTable.Starter(connection, id)).OfType<string>())
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];
}
