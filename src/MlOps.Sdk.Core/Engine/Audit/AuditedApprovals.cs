using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>
/// Holds requests for approval, what was decided on them, and who must approve, to the log: whoever adds an approval to the database would
/// let a version go live. Not thread-safe.
/// </summary>
/// <param name="model">The model.</param>
internal sealed class AuditedApprovals(string model)
{
    public const string PolicySet = "approval.policy";
    public const string Requested = "approval.requested";
    public const string Joined = "approval.joined";
    public const string Left = "approval.left";

    private const string Prefix = "approval.";

    private readonly List<(AuditRow Entry, SortedDictionary<string, string> Details)> _policies = [];
    private readonly List<(AuditRow Entry, SortedDictionary<string, string> Details)> _requests = [];
    private readonly List<(AuditRow Entry, SortedDictionary<string, string> Details)> _joins = [];
    private readonly List<(AuditRow Entry, SortedDictionary<string, string> Details)> _decisions = [];
    private readonly Dictionary<string, List<(AuditRow Entry, SortedDictionary<string, string> Details)>> _byRequest = [];

    /// <summary>What the log calls a decision.</summary>
    public static string ActionOf(string decision) => Prefix + decision.ToLowerInvariant();

    /// <summary>What the log calls what came to a request, or left it.</summary>
    public static string ActionOf(ApprovalJoinRow row) => row.Leaves == 1 ? Left : Joined;

    public static string DetailsOf(ApprovalRow row) => StorageJson.WriteFields(
        ("approval", Text(row.No)),
        ("contentHash", row.ContentHash),
        ("kind", row.Kind),
        ("live", row.Live is { } live ? Text(live) : null),
        ("requesterId", row.RequesterId),
        ("authors", row.Authors),
        ("policy", row.Policy),
        ("afterwards", row.Afterwards),
        ("run", row.Run),
        ("release", row.Release),
        ("expiresAt", Text(row.ExpiresAt)),
        ("reason", row.Reason));

    public static string DetailsOf(ApprovalDecisionRow row) => StorageJson.WriteFields(
        ("approval", Text(row.Approval)), ("actorId", row.ActorId), ("roles", row.Roles), ("reason", row.Reason));

    public static string DetailsOf(ApprovalJoinRow row) => StorageJson.WriteFields(
        ("approval", Text(row.Approval)),
        ("run", row.Run),
        ("live", row.Live is { } live ? Text(live) : null),
        ("authors", row.Authors),
        ("release", row.Release));

    /// <summary>Takes an entry, if it is of an approval.</summary>
    public void Add(AuditRow entry, SortedDictionary<string, string> details)
    {
        if (!entry.Action.StartsWith(Prefix, StringComparison.Ordinal)) return;
        ListOf(entry).Add((entry, details));
        if (details.GetValueOrDefault("approval") is not { } request) return;
        if (!_byRequest.TryGetValue(request, out var about)) _byRequest[request] = about = [];
        about.Add((entry, details));
    }

    /// <summary>Compares the records with the entries.</summary>
    public Difference? Compare(DbConnection connection) =>
        ComparePolicies(_policies, ApprovalPolicyTable.History(connection, model))
        ?? CompareRequests(
            _requests,
            ApprovalTable.List(connection, model, isOpen: false, int.MaxValue),
            _joins,
            ApprovalTable.JoinsOf(connection, model),
            _decisions,
            ApprovalTable.DecisionsOf(connection, model));

    /// <summary>Compares what a write relies on: who must approve now, and what is requested and not over.</summary>
    public Difference? CompareOpen(DbConnection connection) =>
        ComparePolicies(
            [.. _policies.TakeLast(1)], ApprovalPolicyTable.Find(connection, model) is { } row ? [row] : [])
        ?? ApprovalTable.List(connection, model, isOpen: true, int.MaxValue)
            .Select(request => CompareOne(connection, request))
            .FirstOrDefault(difference => difference is not null);

    private Difference? CompareOne(DbConnection connection, ApprovalRow request)
    {
        var about = (_byRequest.GetValueOrDefault(Text(request.No)) ?? []).ToLookup(each => ListOf(each.Entry));
        return CompareRequests(
            [.. about[_requests]],
            [request],
            [.. about[_joins]],
            [.. ApprovalTable.Joins(connection, request.No).Reverse()],
            [.. about[_decisions]],
            [.. ApprovalTable.Decisions(connection, request.No).Reverse()]);
    }

    private List<(AuditRow Entry, SortedDictionary<string, string> Details)> ListOf(AuditRow entry) => entry.Action switch
    {
        PolicySet => _policies,
        Requested => _requests,
        Joined or Left => _joins,
        _ => _decisions,
    };

    private Difference? ComparePolicies(
        IReadOnlyList<(AuditRow Entry, SortedDictionary<string, string> Details)> entries, IReadOnlyList<ApprovalPolicyRow> history) =>
        AuditedHistory.Compare(
            model,
            "required approvals",
            entries,
            history,
            (row, entry, details) => details.GetValueOrDefault("policy") == row.Policy && details.GetValueOrDefault("reason") == row.Reason
                && row.Actor == entry.Actor && row.At == entry.At);

    private Difference? CompareRequests(
        IReadOnlyList<(AuditRow Entry, SortedDictionary<string, string> Details)> requested,
        IReadOnlyList<ApprovalRow> requests,
        IReadOnlyList<(AuditRow Entry, SortedDictionary<string, string> Details)> joined,
        IReadOnlyList<ApprovalJoinRow> joins,
        IReadOnlyList<(AuditRow Entry, SortedDictionary<string, string> Details)> decided,
        IReadOnlyList<ApprovalDecisionRow> decisions) =>
        AuditedHistory.Compare(
            model,
            "requests for approval",
            requested,
            requests,
            (row, entry, _) => entry.Details == DetailsOf(row) && row.Requester == entry.Actor && row.RequestedAt == entry.At
                && entry.Subject.EndsWith($"/{Text(row.Version)}", StringComparison.Ordinal))
        ?? AuditedHistory.Compare(
            model,
            "runs and requesters of approvals",
            joined,
            joins,
            (row, entry, _) => entry.Details == DetailsOf(row) && entry.Action == ActionOf(row)
                && row.Actor == entry.Actor && row.At == entry.At)
        ?? AuditedHistory.Compare(
            model,
            "decisions on approvals",
            decided,
            decisions,
            (row, entry, _) => entry.Details == DetailsOf(row) && entry.Action == ActionOf(row.Decision)
                && row.Actor == entry.Actor && row.At == entry.At);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
