using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>Who must approve what goes live of a model.</summary>
public sealed record ApprovalPolicy
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<string> _roles = [];

    /// <summary>The roles, one for each person who must approve: a role that two people must approve for is there twice.</summary>
    public required IReadOnlyList<string> Roles
    {
        get => _roles;
        init => _roles = value ?? [];
    }

    /// <summary>How long a request waits. Default: 7 days.</summary>
    public TimeSpan ExpiresAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often people are reminded of a request that waits; <see langword="null"/> for never. Default: every day.</summary>
    public TimeSpan? RemindEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether going back to a version that was live before must be approved, too. Default: no.</summary>
    public bool CoversRollback { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);

    /// <summary>The roles for people: <c>model-owner, 2 × risk-officer</c>.</summary>
    internal static string Describe(IEnumerable<string> roles) => string.Join(
        ", ",
        roles.GroupBy(role => role, StringComparer.Ordinal)
            .OrderBy(role => role.Key, StringComparer.Ordinal)
            .Select(role => role.Count() == 1 ? role.Key : $"{Prose.Count(role.Count())} × {role.Key}"));

    /// <summary>What is at least as strict as both: who requires less must not undo what was required before.</summary>
    internal static ApprovalPolicy? Stricter(ApprovalPolicy? first, ApprovalPolicy? second)
    {
        if (first is null || second is null) return first ?? second;
        return first with
        {
            Roles =
            [
                .. first.Roles,
                .. second.Roles.Distinct(StringComparer.Ordinal).SelectMany(
                    role => Enumerable.Repeat(role, Math.Max(0, People(second, role) - People(first, role)))),
            ],
            CoversRollback = first.CoversRollback || second.CoversRollback,
        };
    }

    /// <summary>Whether it requires all that another one requires.</summary>
    internal bool Covers(ApprovalPolicy other) =>
        other.Roles.Distinct(StringComparer.Ordinal).All(role => People(this, role) >= People(other, role))
        && (CoversRollback || !other.CoversRollback);

    /// <summary>Whether two are the same, also where both are absent.</summary>
    internal static bool IsSame(ApprovalPolicy? one, ApprovalPolicy? other) => ApprovalJson.Write(one) == ApprovalJson.Write(other);

    /// <summary>What becomes of a rule, as a sentence after a space; empty where it requires no less.</summary>
    internal static string Change(ApprovalPolicy now, ApprovalPolicy? afterwards) => afterwards switch
    {
        null => "",
        { Roles.Count: 0 } => " Afterwards nobody must approve what goes live.",
        _ when afterwards.Covers(now) => "",
        { CoversRollback: false } when now.CoversRollback =>
            $" Afterwards {Describe(afterwards.Roles)} must approve what goes live, and nobody must approve going back.",
        _ => $" Afterwards {Describe(afterwards.Roles)} must approve what goes live.",
    };

    private static int People(ApprovalPolicy policy, string role) => policy.Roles.Count(each => each == role);
}
