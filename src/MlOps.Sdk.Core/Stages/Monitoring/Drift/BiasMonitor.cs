using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>Compares the share of positive decisions between the groups of an attribute.</summary>
internal sealed class BiasMonitor(string attribute, double atMost, int minimumGroupRows) : IDriftMonitor
{
    public const string NeedsBinary = "Rates of positive decisions need binary classification.";

    public string Attribute => attribute;

    public string Name => $"bias by {attribute}";

    public MonitorNeeds Needs => MonitorNeeds.Groups;

    public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default)
    {
        var groups = window.Groups(attribute).Where(group => group.Group is not null && group.Rows >= minimumGroupRows).ToArray();
        var rates = Array.ConvertAll(groups, group => (double)group.Positives / group.Rows);
        var measurement = new Measurement
        {
            Signal = Signal.Bias,
            Subject = attribute,
            Statistic = "χ²",
            Value = double.NaN,
            Effect = "demographic parity difference",
            EffectSize = rates.Length < 2 ? 0 : rates.Max() - rates.Min(),
            Material = atMost,
            CurrentRows = groups.Sum(group => group.Rows),
            Note = string.Join(
                ", ",
                groups.Select((group, i) => FormattableString.Invariant($"{group.Group}: {rates[i]:P1} of {group.Rows}"))),
        };
        if (!window.CountsPositives)
            return ValueTask.FromResult<IReadOnlyList<Measurement>>([measurement with { NotMeasured = NeedsBinary }]);
        if (groups.Length < 2)
        {
            return ValueTask.FromResult<IReadOnlyList<Measurement>>(
                [measurement with { NotMeasured = $"Fewer than two groups have {minimumGroupRows} predictions." }]);
        }
        if (measurement.CurrentRows < window.MinimumRows)
        {
            return ValueTask.FromResult<IReadOnlyList<Measurement>>(
                [measurement with { NotMeasured = $"{measurement.CurrentRows} rows; {window.MinimumRows} are needed." }]);
        }

        // Decisions that are all the same are equal in every group, and no test can be made of them.
        var positives = groups.Sum(group => group.Positives);
        if (positives == 0 || positives == measurement.CurrentRows)
        {
            return ValueTask.FromResult<IReadOnlyList<Measurement>>([measurement with { Value = 0, PValue = 1 }]);
        }
        var test = Contingency.ChiSquare(
            Array.ConvertAll(groups, group => group.Positives),
            Array.ConvertAll(groups, group => group.Rows - group.Positives));
        return ValueTask.FromResult<IReadOnlyList<Measurement>>(
            [measurement with { Value = test.Statistic, PValue = double.IsNaN(test.PValue) ? 1 : test.PValue }]);
    }
}
