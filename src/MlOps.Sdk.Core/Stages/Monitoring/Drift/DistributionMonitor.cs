using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Compares columns of a window with training: KS and PSI on deciles for numbers, χ² and PSI on levels for texts and booleans. Numbers are
/// tested on their sketches, unless a test of all values is given.
/// </summary>
internal sealed class DistributionMonitor(
    string name, Signal signal, double material, Func<string, TestResult?>? exact = null) : IDriftMonitor
{
    public string Name => name;

    public MonitorNeeds Needs => signal == Signal.DataDrift ? MonitorNeeds.Inputs : MonitorNeeds.Scores;

    public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default)
    {
        var columns = signal == Signal.DataDrift ? window.Inputs : window.Predictions;
        var measurements = new Measurement[columns.Count];
        for (var i = 0; i < measurements.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            measurements[i] = Measure(columns[i], window);
        }

        return ValueTask.FromResult<IReadOnlyList<Measurement>>(measurements);
    }

    private Measurement Measure(ColumnWindow column, MonitoringWindow window)
    {
        var reference = column.Reference.Profile;
        var current = column.Current;

        // The bins say what is compared: booleans have quantiles, and are levels all the same.
        var isNumeric = !column.Reference.Bins.HasLevels;
        var measurement = new Measurement
        {
            Signal = signal,
            Subject = column.Name,
            Statistic = isNumeric ? "KS" : "χ²",
            Value = double.NaN,
            Effect = isNumeric ? "PSI on deciles" : "PSI on levels",
            EffectSize = Distances.Psi(column.Reference.Bins.Counts, [.. column.Counts]),
            Material = material,
            ReferenceRows = reference.Count,
            CurrentRows = current.Count,
        };
        if (Math.Min(reference.Count, current.Count) < window.MinimumRows)
        {
            return measurement with
            {
                NotMeasured = $"{current.Count} rows against {reference.Count}; {window.MinimumRows} are needed on either side."
            };
        }

        if (!isNumeric)
        {
            var test = Contingency.ChiSquare([.. column.Reference.Bins.Counts], [.. column.Counts]);
            return measurement with { Value = test.Statistic, PValue = double.IsNaN(test.PValue) ? 1 : test.PValue, Note = test.Note };
        }

        // Of two questions the stronger answer counts, so its p-value is corrected for two (Bonferroni).
        var missing = Contingency.ChiSquare(
            [reference.Count - reference.Missing, reference.Missing],
            [current.Count - current.Missing, current.Missing]);

        // From sketches: the distance is known up to the rank errors of both, and only what exceeds them counts as evidence.
        var ks = exact?.Invoke(column.Name) ?? SketchedSamples.KolmogorovSmirnov(reference.Quantiles!, current.Quantiles!);
        var p = double.IsNaN(ks.PValue) ? 1 : ks.PValue;
        if (reference.Missing + current.Missing == 0) return measurement with { Value = ks.Statistic, PValue = p, Note = ks.Note };
        if (missing.PValue < p)
        {
            return measurement with
            {
                Statistic = "χ² of missing values",
                Value = missing.Statistic,
                PValue = Math.Min(1, 2 * missing.PValue),
                Note = "More values are missing, or fewer."
            };
        }
        return measurement with { Value = ks.Statistic, PValue = Math.Min(1, 2 * p), Note = ks.Note };
    }
}
