using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Metrics;

/// <summary>A rate compared between groups.</summary>
internal sealed class GroupGap
{
    public static readonly GroupGap Selection = new("rows", rates => rates.SelectionRate);
    public static readonly GroupGap TruePositive = new("positive rows", rates => rates.TruePositiveRate);
    public static readonly GroupGap FalsePositive = new("negative rows", rates => rates.FalsePositiveRate);

    private readonly string _needs;
    private readonly Func<GroupRates, double> _rate;

    private GroupGap(string needs, Func<GroupRates, double> rate)
    {
        _needs = needs;
        _rate = rate;
    }

    public static MetricValue Difference(IReadOnlyList<GroupRates> groups, int minimumGroupSize, GroupGap gap)
    {
        var (rates, undefined) = gap.Rates(groups, minimumGroupSize);
        return undefined is not null ? MetricValue.NotDefined(undefined) : new MetricValue(rates.Max() - rates.Min());
    }

    public static MetricValue Ratio(IReadOnlyList<GroupRates> groups, int minimumGroupSize, GroupGap gap)
    {
        var (rates, undefined) = gap.Rates(groups, minimumGroupSize);
        if (undefined is not null) return MetricValue.NotDefined(undefined);
        return rates.Max() == 0 ? MetricValue.NotDefined("No group has a positive decision.") : new MetricValue(rates.Min() / rates.Max());
    }

    private (List<double> Rates, string? Undefined) Rates(IReadOnlyList<GroupRates> groups, int minimumGroupSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimumGroupSize);
        var rates = groups.Where(group => group.Count >= minimumGroupSize).Select(_rate).Where(rate => !double.IsNaN(rate)).ToList();
        if (rates.Count >= 2) return (rates, null);
        var small = groups
            .Where(group => group.Count < minimumGroupSize)
            .Select(group => $"'{group.Group}' ({Prose.Count(group.Count)})")
            .ToList();
        var empty = groups
            .Where(group => group.Count >= minimumGroupSize && double.IsNaN(_rate(group)))
            .Select(group => $"'{group.Group}'")
            .ToList();
        var reason = "Fewer than two groups can be compared."
            + (small.Count > 0 ? $" Fewer than {Prose.Count(minimumGroupSize)} rows: {string.Join(", ", small)}." : "")
            + (empty.Count > 0 ? $" No {_needs}: {string.Join(", ", empty)}." : "");
        return (rates, reason);
    }
}
