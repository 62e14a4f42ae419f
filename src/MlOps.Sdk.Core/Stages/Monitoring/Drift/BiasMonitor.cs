using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>Compares the share of positive decisions between the groups of an attribute.</summary>
internal sealed class BiasMonitor(string attribute, double atMost, int minimumGroupRows) : IDriftMonitor
{
    private const int NamedGroups = 5;

    public const string NeedsBinary = "Rates of positive decisions need binary classification.";

    public string Attribute => attribute;

    public string Name => $"bias by {attribute}";

    public MonitorNeeds Needs => MonitorNeeds.Groups;

    public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default)
    {
        var all = window.Groups(attribute).Where(group => group.Group is not null).ToArray();
        var groups = Array.FindAll(all, group => group.Rows >= minimumGroupRows);
        var small = Array.FindAll(all, group => group.Rows < minimumGroupRows);
        var rates = Array.ConvertAll(groups, group => (double)group.Positives / group.Rows);
        var measurement = new Measurement
        {
            Signal = Signal.Bias,
            Subject = attribute,
            Statistic = groups.Length == 2 ? "Fisher exact" : "χ²",
            Value = double.NaN,
            Effect = "demographic parity difference",
            EffectSize = rates.Length < 2 ? 0 : rates.Max() - rates.Min(),
            Material = atMost,
            CurrentRows = groups.Sum(group => group.Rows),
            Note = string.Join(
                ", ",
                groups.Select((group, i) => FormattableString.Invariant(
                    $"{PrintableText.Shorten(group.Group!)}: {rates[i]:P1} of {group.Rows:N0}"))) +
                (small.Length == 0 ? "" : $"; not judged, below {Prose.Count(minimumGroupRows, "prediction")}: " +
                    string.Join(
                        ", ",
                        small.Take(NamedGroups)
                            .Select(group => $"{PrintableText.Shorten(group.Group!)} ({Prose.Count(group.Rows)})")) +
                    (small.Length > NamedGroups ? $" and {Prose.Count(small.Length - NamedGroups)} more" : "")),
        };
        if (!window.CountsPositives)
            return ValueTask.FromResult<IReadOnlyList<Measurement>>([measurement with { NotMeasured = NeedsBinary }]);
        if (groups.Length < 2)
        {
            return ValueTask.FromResult<IReadOnlyList<Measurement>>(
                [measurement with { NotMeasured = $"Fewer than two groups have {Prose.Count(minimumGroupRows, "prediction")}." }]);
        }
        if (measurement.CurrentRows < window.MinimumRows)
        {
            return ValueTask.FromResult<IReadOnlyList<Measurement>>(
                [
                    measurement with
                    {
                        NotMeasured = $"{Prose.Count(measurement.CurrentRows, "row")}; {Prose.Count(window.MinimumRows)} are needed.",
                    },
                ]);
        }

        // Decisions that are all the same are equal in every group, and no test can be made of them.
        var positives = groups.Sum(group => group.Positives);
        if (positives == 0 || positives == measurement.CurrentRows)
        {
            return ValueTask.FromResult<IReadOnlyList<Measurement>>([measurement with { Value = 0 }]);
        }

        return ValueTask.FromResult<IReadOnlyList<Measurement>>([Test(measurement, groups, positives)]);
    }

    /// <summary>No group is pooled with another: where one is too small for χ², each is compared with all others exactly.</summary>
    private static Measurement Test(Measurement measurement, GroupWindow[] groups, long positives)
    {
        long[] counts = [.. groups.Select(group => group.Positives)];
        long[] others = [.. groups.Select(group => group.Rows - group.Positives)];
        var rarer = (double)Math.Min(positives, measurement.CurrentRows - positives) / measurement.CurrentRows;
        if (groups.Length > 2 && groups.Min(group => group.Rows) * rarer >= 5)
        {
            var test = Contingency.ChiSquare(counts, others);
            return measurement with { Value = test.Statistic, PValue = test.PValue };
        }

        var asked = groups.Length == 2 ? 1 : groups.Length;
        var smallest = groups.Take(asked).Min(group => LevelShares.TwoLevels(
            group.Positives, group.Rows, positives - group.Positives, measurement.CurrentRows - group.Rows));
        return measurement with { Statistic = "Fisher exact", Value = measurement.EffectSize, PValue = Math.Min(1, asked * smallest) };
    }
}
