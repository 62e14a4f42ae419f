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

    /// <summary>The version that was live when it was requested; <see langword="null"/> when none was.</summary>
    public required int? LiveVersion { get; init; }

    /// <summary>How it stands.</summary>
    public required ApprovalState State { get; init; }

    /// <summary>Who requested it, and cannot approve it.</summary>
    public required string Requester { get; init; }

    /// <summary>
    /// Who else cannot approve it: those who started the run that made the version, or registered it. Empty for a rollback.
    /// </summary>
    public IReadOnlyList<string> Authors
    {
        get => _authors;
        init => _authors = value ?? [];
    }

    /// <summary>Who must approve it.</summary>
    public required ApprovalPolicy Policy { get; init; }

    /// <summary>When it was requested, in UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Until when it waits, in UTC.</summary>
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

    /// <summary>The runs that wait for it, or did. Without one, what it lets happen is done by the last <c>ApproveAsync</c>.</summary>
    public IReadOnlyList<string> Runs
    {
        get => _runs;
        init => _runs = value ?? [];
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);

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

    /// <summary>Whether somebody is one of those who cannot approve it. Names of one spelling in other cases are one person.</summary>
    internal bool Excludes(string actor) =>
        Authors.Append(Requester).Any(name => string.Equals(name, actor, StringComparison.OrdinalIgnoreCase));

    /// <summary>What is awaited, as a sentence.</summary>
    internal string Awaited() => FormattableString.Invariant(
        $"Approval {Id} awaits {ApprovalPolicy.Describe(Policy.Roles)} until {ExpiresAt:u}.");

    /// <summary>Who approved it, as a list.</summary>
    internal string Approvers() => string.Join(
        ", ", Given.Select(given => given.Role is null ? given.Actor : $"{given.Actor} ({given.Role})"));
}
