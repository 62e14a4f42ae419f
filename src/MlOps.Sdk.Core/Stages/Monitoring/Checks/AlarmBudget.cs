namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Spends the false alarms that a lifecycle may expect in a month over its checks: each spends its significance level, the expectation of
/// false alarms where nothing changed. What is left is part of each stored report, so it outlasts the process.
/// </summary>
/// <remarks>
/// A reserve of half a month's budget, which is refilled by the whole budget a month. A check spends what was refilled since the last one,
/// or a tenth of the reserve where that is more: in any time at most its share of the budget, and the reserve beside it.
/// </remarks>
internal static class AlarmBudget
{
    /// <summary>The smallest level of a check: one each minute spends a twentieth of an alarm a month.</summary>
    public const double SmallestLevel = 1e-6;

    private const double PartOfACheck = 0.1;
    private static readonly TimeSpan s_month = TimeSpan.FromDays(30);

    /// <summary>What a check may spend, and what it leaves.</summary>
    /// <param name="perMonth">The expected false alarms in 30 days.</param>
    /// <param name="level">The largest significance level.</param>
    /// <param name="last">The report before; <see langword="null"/> for the first.</param>
    /// <param name="at">The time of the check.</param>
    public static (double Level, double Left) Spend(double perMonth, double level, MonitoringReport? last, DateTimeOffset at)
    {
        var full = perMonth / 2;
        var (reserve, refilled) = (full, 0.0);
        if (last?.AlarmBudgetLeft is { } left)
        {
            // A clock that was set back refills nothing this once: the report of this check tells the new time.
            refilled = perMonth * Math.Max(0, (at - last.At) / s_month);
            reserve = Math.Min(full, Math.Max(0, left) + refilled);
        }

        var spent = Math.Min(level, Math.Max(SmallestLevel, Math.Max(Math.Min(refilled, reserve), reserve * PartOfACheck)));
        return (spent, Math.Max(0, reserve - spent));
    }
}
