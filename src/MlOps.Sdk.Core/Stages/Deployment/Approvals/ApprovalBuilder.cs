using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Who must approve a version before it goes live. Mistakes are reported by <see cref="LifecycleBuilder.Build"/>. Not thread-safe.
/// </summary>
public sealed class ApprovalBuilder
{
    private const int LongestRole = 100;
    private const int MostPeople = 20;

    private readonly BuilderSeal _seal = new("RequireApproval");
    private readonly List<string> _roles = [];
    private ApprovalPolicy _policy = new() { Roles = [] };

    internal ApprovalBuilder()
    {
    }

    /// <summary>
    /// Requires the approval of people with a role. Two roles need two people, also where one person has both. Who has a role, the
    /// application says by <see cref="IActorProvider.IsIn"/>.
    /// </summary>
    /// <param name="role">The role, up to 100 characters.</param>
    /// <param name="people">How many people, 1 to 20. Default: 1.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public ApprovalBuilder By(string role, int people = 1)
    {
        _seal.CheckOpen();
        ArgumentException.ThrowIfNullOrWhiteSpace(role);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(role.Length, LongestRole, nameof(role));
        ArgumentOutOfRangeException.ThrowIfLessThan(people, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(people, MostPeople);
        if (_roles.Contains(role, StringComparer.Ordinal))
        {
            _seal.Add($"RequireApproval calls By(\"{role}\") twice.", $"Keep one, and say how many people: By(\"{role}\", 2).");
        }
        _roles.AddRange(Enumerable.Repeat(role, people));
        return this;
    }

    /// <summary>How long a request waits for the people; then the run fails. Default: 7 days.</summary>
    /// <param name="time">From 1 minute to 365 days.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is out of its range.</exception>
    public ApprovalBuilder ExpiresAfter(TimeSpan time)
    {
        _seal.Once();
        _policy = _policy with { ExpiresAfter = Checked(time, nameof(time)) };
        return this;
    }

    /// <summary>
    /// How often a host reminds people of a request that waits, through the alert sinks of MonitorModel. Default: every day.
    /// </summary>
    /// <param name="time">From 1 minute to 365 days; <see langword="null"/> for no reminders.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is out of its range.</exception>
    public ApprovalBuilder RemindEvery(TimeSpan? time)
    {
        _seal.Once();
        _policy = _policy with { RemindEvery = time is { } every ? Checked(every, nameof(time)) : null };
        return this;
    }

    /// <summary>
    /// Requires the same approval for going back to a version that was live before. Default: no, so that an incident ends at once. A
    /// version that was never live must be approved in any case, and a rollout that a guard rolls back needs nobody.
    /// </summary>
    public ApprovalBuilder AlsoForRollback()
    {
        _seal.Once();
        _policy = _policy with { CoversRollback = true };
        return this;
    }

    internal ApprovalPolicy Build(ICollection<string> mistakes)
    {
        if (_roles.Count == 0) _seal.Add("RequireApproval names no role.", "Call By(…) for each role that must approve.");
        if (_roles.Count > MostPeople) _seal.Add($"RequireApproval needs {_roles.Count} people.", $"Name at most {MostPeople}.");
        _seal.Close(mistakes);
        return _policy with { Roles = [.. _roles] };
    }

    private static TimeSpan Checked(TimeSpan time, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.FromMinutes(1), name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromDays(365), name);
        return time;
    }
}
