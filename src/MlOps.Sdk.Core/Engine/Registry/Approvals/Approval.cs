using MlOps.Sdk.Audit;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>A request that people approve something, and how it stands. Immutable.</summary>
public sealed record Approval
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<string> _authors = [];
    private readonly IReadOnlyList<ApprovalDecision> _given = [];
    private readonly IReadOnlyList<string> _missing = [];
    private readonly IReadOnlyList<string> _runs = [];

    /// <summary>Its number, which <c>ApproveAsync</c> and <c>RejectAsync</c> take.</summary>
    public required long Id { get; init; }

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The version that is to go live.</summary>
    public required int Version { get; init; }

    /// <summary>The content hash of that version: the approval is for exactly this content.</summary>
    public required string ContentHash { get; init; }

    /// <summary>What it lets happen.</summary>
    public required ApprovalKind Kind { get; init; }

    /// <summary>
    /// The version whose place it lets the version take; <see langword="null"/> for none. It was live when the approval was requested, or
    /// when the gates of a run that waits for it were asked last.
    /// </summary>
    public required int? LiveVersion { get; init; }

    /// <summary>How it stands.</summary>
    public required ApprovalState State { get; init; }

    /// <summary>Who requested it, and cannot approve it.</summary>
    public required string Requester { get; init; }

    /// <summary>By what the requester is known, whatever the name is (<see cref="IActorProvider.ActorId"/>).</summary>
    public required string RequesterId { get; init; }

    /// <summary>
    /// Who else cannot approve it, by <see cref="IActorProvider.ActorId"/>: those who registered the version, started or resumed the run
    /// that made it, or a run that computed what it took, and those who requested the same before it was approved. For a rollback, only
    /// the latter.
    /// </summary>
    public IReadOnlyList<string> Authors
    {
        get => _authors;
        init => _authors = value ?? [];
    }

    /// <summary>Who must approve it.</summary>
    public required ApprovalPolicy Policy { get; init; }

    /// <summary>
    /// Who must approve what goes live once this is applied, because the lifecycle says so: nobody, where it has no roles.
    /// <see langword="null"/> where the rule stays as it is.
    /// </summary>
    public ApprovalPolicy? Afterwards { get; init; }

    /// <summary>When it was requested, in UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>
    /// Until when it waits, in UTC; once it is approved, until when it can be applied. A version that answers calls by then may go live
    /// later, as with a rollout.
    /// </summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Why the version is to go live, in sentences.</summary>
    public required string Reason { get; init; }

    /// <summary>Who approved it so far, in order.</summary>
    public IReadOnlyList<ApprovalDecision> Given
    {
        get => _given;
        init => _given = value ?? [];
    }

    /// <summary>The roles for which nobody approved it yet, one for each person.</summary>
    public IReadOnlyList<string> Missing
    {
        get => _missing;
        init => _missing = value ?? [];
    }

    /// <summary>
    /// What ended it: the rejection, the expiry, what superseded it, or that it was applied; <see langword="null"/> while it is pending or
    /// approved.
    /// </summary>
    public ApprovalDecision? Ended { get; init; }

    /// <summary>
    /// The runs that wait for it, or did when it ended. Without one, what it lets happen is done by the last <c>ApproveAsync</c>.
    /// </summary>
    public IReadOnlyList<string> Runs
    {
        get => _runs;
        init => _runs = value ?? [];
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);

    /// <summary>The release of another workspace that it is about; <see langword="null"/> for none.</summary>
    internal ApprovedRelease? Release { get; init; }

    /// <summary>Whether it is for a version.</summary>
    internal bool IsFor(ModelVersion version) =>
        Model == version.Model && Version == version.Version && ContentHash == version.ContentHash;

    /// <summary>
    /// Whether it asks what a policy requires: while it is pending, exactly that; once it is approved, at least that.
    /// </summary>
    internal bool Holds(ApprovalPolicy policy)
    {
        var (asked, required) = (Policy.Roles.ToLookup(role => role), policy.Roles.ToLookup(role => role));
        return required.All(role => asked[role.Key].Count() >= role.Count())
            && (State == ApprovalState.Approved || Policy.Roles.Count == policy.Roles.Count);
    }

    /// <summary>
    /// Whether it is what would be requested. A run is judged against what is live when it goes on; what somebody does by hand is approved
    /// for the version that is live, and leaves the rule as it is.
    /// </summary>
    internal bool Holds(NewApproval request) => Holds(request.Policy)
        && (request.Run is null ? LiveVersion == request.LiveVersion : ApprovalPolicy.IsSame(Afterwards, request.Afterwards));

    /// <summary>Whether somebody is one of those who cannot approve it.</summary>
    internal bool Excludes(string id) => Authors.Append(RequesterId).Any(other => ActingPerson.IsSame(other, id));

    /// <summary>What is awaited, in sentences.</summary>
    internal string Awaited() => FormattableString.Invariant(
        $"Approval {Id} awaits {ApprovalPolicy.Describe(Policy.Roles)} until {ExpiresAt:u}.{ApprovalPolicy.Change(Policy, Afterwards)}");

    /// <summary>Who approved it, as a list.</summary>
    internal string Approvers() => string.Join(
        ", ", Given.Select(given => given.Role is null ? given.Actor : $"{given.Actor} ({given.Role})"));
}
