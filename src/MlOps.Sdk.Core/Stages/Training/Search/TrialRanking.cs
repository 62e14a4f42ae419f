using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Training;

/// <summary>Orders trials, best first. The order is total, so it does not depend on which trial ended first.</summary>
internal sealed class TrialRanking(string metric, Direction direction) : IComparer<TrialResult>
{
    public int Compare(TrialResult? x, TrialResult? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var order = Class(x).CompareTo(Class(y));
        if (order == 0) order = Cost(x).CompareTo(Cost(y));
        if (order == 0) order = string.CompareOrdinal(x.Candidate, y.Candidate);
        return order != 0 ? order : x.Trial.CompareTo(y.Trial);
    }

    private static int Class(TrialResult trial) => trial.Error is not null ? 2 : trial.PassedGuards ? 0 : 1;

    private double Cost(TrialResult trial)
    {
        if (!trial.Metrics.TryGetValue(metric, out var value) || !value.IsDefined) return double.PositiveInfinity;
        return direction switch
        {
            Direction.Up => -value.Value,
            Direction.Down => value.Value,
            _ => Math.Abs(value.Value),
        };
    }
}
