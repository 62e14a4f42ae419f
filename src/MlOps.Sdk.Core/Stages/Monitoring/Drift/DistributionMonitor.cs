using System.Globalization;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Compares columns of a window with training: see <see cref="ColumnQuestions"/>. The answer that matters most represents the column, its
/// p-value corrected for all that was asked of it (Bonferroni). Numbers are tested on their counts in the deciles of training and on their
/// sketches, unless a test of all values is given.
/// </summary>
internal sealed class DistributionMonitor(
    string name, Signal signal, double material, Func<string, TestResult?>? exact = null) : IDriftMonitor
{
    public string Name => name;

    public Signal Signal => signal;

    public MonitorNeeds Needs => signal == Signal.DataDrift ? MonitorNeeds.Inputs : MonitorNeeds.Scores;

    public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default)
    {
        var columns = signal == Signal.DataDrift ? window.Inputs : window.Predictions;
        var measurements = new Measurement[columns.Count];
        for (var i = 0; i < measurements.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            measurements[i] = Measure(columns[i], window.MinimumRows);
        }

        return ValueTask.FromResult<IReadOnlyList<Measurement>>(measurements);
    }

    private Measurement Measure(ColumnWindow column, int minimumRows)
    {
        var reference = column.Reference.Profile;
        var current = column.Current;
        var bins = column.Reference.Bins;
        var questions = new ColumnQuestions(bins, bins.Judged.ToArray(), [.. column.Counts], material);

        // What is missing, infinite or new is decided exactly from any number of rows; a shape is not.
        questions.AskMissing(reference.Missing, reference.Count, current.Missing, current.Count);
        questions.AskInfinite(reference.Infinite, reference.Count, current.Infinite, current.Count);
        questions.AskNewLevels(column.NewLevels, column.AskedLevels);
        var hasRows = Math.Min(reference.Count, current.Count) >= minimumRows;
        if (hasRows && bins.HasLevels) questions.AskLevels(column.NewLevels);
        else if (hasRows) AskNumbers(questions, column);
        var summary = Summary(questions.Asked, column.Reference, current);
        return summary with
        {
            Note = IsOnlyOther(column) ? "hardly any text occurs twice, so shares of texts cannot be compared"
                : questions.Asked.Count == 0 ? null
                : Note(summary.Note, column),
            NotMeasured = hasRows
                ? null
                : $"{Prose.Count(current.Count, "row")} against {Prose.Count(reference.Count)}; {Prose.Count(minimumRows)} are needed " +
                    "on either side to compare the distribution.",
        };
    }

    /// <summary>Measures contiguous blocks of the training rows against the others, by their counts alone.</summary>
    public IEnumerable<Measurement> Replay(PackageBaseline baseline, int from, int to)
    {
        foreach (var column in signal == Signal.DataDrift ? baseline.Inputs : baseline.Predictions)
        {
            var blocks = column.Bins.Blocks;
            var (window, others) = (blocks.Sum(from, to), blocks.Sum(0, blocks.Blocks));
            for (var bin = 0; bin < others.Length; bin++) others[bin] -= window[bin];
            var questions = new ColumnQuestions(column.Bins, others, window, material);
            questions.AskMissing(others[^1], others.Sum(), window[^1], window.Sum());
            if (column.Bins.HasLevels)
            {
                questions.AskLevels(fresh: 0);
            }
            else
            {
                questions.AskTrends();
                questions.AskBins();
            }

            yield return Summary(questions.Asked, column, null);
        }
    }

    private void AskNumbers(ColumnQuestions questions, ColumnWindow column)
    {
        questions.AskTrends();
        if (exact is null)
        {
            questions.AskBins();
            var (reference, current) = (column.Reference.Profile.Quantiles!, column.Current.Quantiles!);
            questions.AskDistance(SketchedSamples.KolmogorovSmirnov(reference, current), reference.RankError + current.RankError);
        }
        else if (exact(column.Name) is { } test)
        {
            questions.AskDistance(test, 0);
        }
    }

    private Measurement Summary(IReadOnlyList<Question> asked, ColumnBaseline column, ColumnProfile? current)
    {
        var measurement = new Measurement
        {
            Signal = signal,
            Subject = column.Name,
            Statistic = column.Bins.HasLevels ? "χ²" : "KS",
            Value = double.NaN,
            Effect = "none",
            EffectSize = 0,
            Material = material,
            ReferenceRows = column.Profile.Count,
            CurrentRows = current?.Count ?? 0,
        };
        if (asked.Count == 0) return measurement with { Value = 0 };
        var strongest = asked[0];
        foreach (var question in asked.Skip(1))
        {
            if (ColumnQuestions.Stronger(question, strongest)) strongest = question;
        }

        return measurement with
        {
            Statistic = strongest.Statistic,
            Value = strongest.Value,
            PValue = Math.Min(1, asked.Count * strongest.PValue),
            Effect = strongest.Effect,
            EffectSize = strongest.EffectSize,
            EffectLower = strongest.EffectLower,
            Material = strongest.Material,
            Note = strongest.Note,
        };
    }

    // Identifiers, for example: none of the levels that have a bin comes again.
    private static bool IsOnlyOther(ColumnWindow column)
    {
        var bins = column.Reference.Bins;
        if (!bins.AreLevelsChosen || column.Counts[bins.Levels.Count] == 0 || column.NewLevels == 0) return false;
        return !bins.Judged[..bins.Levels.Count].ContainsAnyExcept(0L) && column.Counts.Take(bins.Levels.Count).All(count => count == 0);
    }

    private static string Note(string? ofQuestion, ColumnWindow column)
    {
        var parts = new List<string>();
        if (ofQuestion is not null) parts.Add(ofQuestion);
        var (then, now) = (column.Reference.Profile.Moments, column.Current.Moments);
        if (!column.Reference.Bins.HasLevels && then is { Count: > 1 } && now is { Count: > 1 })
        {
            parts.Add(
                $"mean {Prose.Number(then.Mean, 4)} → {Prose.Number(now.Mean, 4)}, standard deviation " +
                $"{Prose.Number(then.StandardDeviation, 4)} → {Prose.Number(now.StandardDeviation, 4)}");
        }

        if (column.Current.Count > 0 && column.Reference.Profile.Count > 0)
        {
            var psi = Distances.Psi(column.Reference.Bins.Counts, [.. column.Counts]);
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"PSI {psi:0.###}"));
        }

        return string.Join("; ", parts);
    }
}
