using System.Globalization;
using System.Text.Json;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Training;

/// <summary>
/// Records the trials of a search as they end, and gives back those that an earlier search, or this one before its process was killed, has
/// finished. Thread-safe.
/// </summary>
/// <param name="records">Where trials are recorded.</param>
/// <param name="keys">What decides their results.</param>
/// <param name="explain">Hears which trials were taken over.</param>
internal sealed class SearchJournal(TrialRecords records, TrialKeys keys, Func<string, CancellationToken, Task> explain)
{
    /// <summary>Finds the trials that have a result already.</summary>
    /// <param name="trials">The trials of the search; the best of those found gets its scores back where they are kept.</param>
    /// <param name="request">The search.</param>
    /// <param name="ranking">Which trial is better.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyDictionary<Trial, TrialResult>> ResumeAsync(
        IReadOnlyList<Trial> trials, SearchRequest request, TrialRanking ranking, CancellationToken cancellationToken)
    {
        var results = new Dictionary<Trial, TrialResult>();
        if (!records.Reuse) return results;
        var keyed = trials
            .Select(trial => (Trial: trial, Key: keys.Of(trial.Candidate, trial.Parameters)))
            .Where(pair => pair.Key is not null)
            .ToList();
        var found = await records.FindAsync([.. keyed.Select(pair => pair.Key!)], cancellationToken).ConfigureAwait(false);
        var kept = new Dictionary<Trial, KeptTrial>();
        foreach (var (trial, key) in keyed)
        {
            if (!found.TryGetValue(key!, out var one) || Read(one, trial, request) is not { } result) continue;
            results.Add(trial, result);
            kept.Add(trial, one with { Result = Write(result, request) });
        }

        if (results.Count == 0) return results;
        var best = results.MinBy(pair => pair.Value, ranking).Key;
        best.Restore(await records.ReadScoresAsync(
            kept[best], request.All.Labels.Length * request.Outputs, cancellationToken).ConfigureAwait(false));
        await records.TakeOverAsync(
            kept.Values, best.Scores is { } scores ? (kept[best], scores) : null, cancellationToken).ConfigureAwait(false);
        string[] runs = [.. kept.Values.Select(one => one.Run).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        await explain(
            $"resumed with {Prose.Count(kept.Count, "trial")} of run{(runs.Length == 1 ? "" : "s")} {string.Join(", ", runs)}",
            cancellationToken).ConfigureAwait(false);
        return results;
    }

    /// <summary>Records a trial that has ended; returns at once.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="request">The search.</param>
    /// <param name="isBest">Whether it is the best so far, whose scores are kept.</param>
    public void Add(Trial trial, TrialResult result, SearchRequest request, bool isBest) => records.Add(new TrialRecord
    {
        StartedAt = trial.StartedAt,
        EndedAt = trial.EndedAt,
        State = StateOf(result),
        Error = result.Error,
        Parameters = ParametersOf(trial),
        Tags = TagsOf(trial),
        Metrics = MetricsOf(result),
        Folds = [.. trial.Folds.Where(fold => fold.HasBegun).Select(fold => FoldOf(fold, result, request))],
        Fingerprint = result.Error is null ? keys.Of(trial.Candidate, trial.Parameters) : null,
        Result = Write(result, request),
        Scores = isBest ? trial.Scores : null,
    });

    /// <summary>Records the trials that had begun when the search was cancelled.</summary>
    public async Task AbandonAsync(IEnumerable<Trial> trials, DateTimeOffset now)
    {
        foreach (var trial in trials.Where(trial => trial is { HasBegun: true, IsComplete: false }))
        {
            records.Add(new TrialRecord
            {
                StartedAt = trial.StartedAt,
                EndedAt = now,
                State = RunState.Cancelled,
                Error = "The search ended before the trial did.",
                Parameters = ParametersOf(trial),
                Tags = TagsOf(trial),
                Metrics = new Dictionary<string, double>(),
            });
        }

        await records.FlushAnywayAsync().ConfigureAwait(false);
    }

    /// <summary>Waits until what was recorded is written.</summary>
    /// <exception cref="MlOpsException">It cannot be written.</exception>
    public Task FlushAsync(CancellationToken cancellationToken) => records.FlushAsync(cancellationToken);

    /// <summary>What became of a trial.</summary>
    public static RunState StateOf(TrialResult result) =>
        result.Error is null ? RunState.Succeeded : result.IsOverBudget ? RunState.Cancelled : RunState.Failed;

    private static string Write(TrialResult result, SearchRequest request) => JsonSerializer.Serialize(
        new Leaderboard(request.Primary.Name, request.Primary.Direction, [result]), TrainingJson.Default.Leaderboard);

    private TrialResult? Read(KeptTrial kept, Trial trial, SearchRequest request)
    {
        try
        {
            var board = JsonSerializer.Deserialize(kept.Result, TrainingJson.Default.Leaderboard);
            if (board?.Metric == request.Primary.Name
                && board.Trials is [{ Error: null } result]
                && result.Metrics.ContainsKey(request.Primary.Name))
            {
                return result with { Candidate = trial.Candidate.Name, Trial = trial.Number };
            }
            records.ReportDamage(kept, "It is the result of another search.");
        }
        catch (Exception e) when (e is JsonException || StoredRecord.IsDamage(e))
        {
            records.ReportDamage(kept, e.Message);
        }

        return null;
    }

    private static Dictionary<string, string> ParametersOf(Trial trial)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["trainer"] = trial.Candidate.Trainer.Name,
            ["trainer_version"] = trial.Candidate.Trainer.Version,
        };
        foreach (var (name, value) in trial.Parameters) parameters[name] = value.ToString();
        return parameters;
    }

    private static Dictionary<string, string> TagsOf(Trial trial) => new(StringComparer.Ordinal)
    {
        ["candidate"] = trial.Candidate.Name,
        ["trial"] = trial.Number.ToString(CultureInfo.InvariantCulture),
    };

    private static Dictionary<string, double> MetricsOf(TrialResult result)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal) { ["training_seconds"] = result.Elapsed.TotalSeconds };
        foreach (var (name, value) in result.Metrics)
        {
            metrics[name] = value.Value;
            if (value.HasInterval) (metrics[$"{name}.lower"], metrics[$"{name}.upper"]) = (value.Lower, value.Upper);
            var (mean, deviation) = FoldSpread.Of(result, name);
            (metrics[$"{name}.fold_mean"], metrics[$"{name}.fold_deviation"]) = (mean, deviation);
        }

        return metrics;
    }

    private static TrialRecord FoldOf(TrialFold fold, TrialResult result, SearchRequest request) => new()
    {
        StartedAt = fold.StartedAt,
        EndedAt = fold.EndedAt,
        State = fold.Error is null ? RunState.Succeeded : fold.IsOverBudget ? RunState.Cancelled : RunState.Failed,
        Error = fold.Error,
        Parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["fold"] = (fold.Number + 1).ToString(CultureInfo.InvariantCulture),
            ["train_rows"] = request.Folds[fold.Number].Train.Labels.Length.ToString(CultureInfo.InvariantCulture),
            ["validation_rows"] = request.Folds[fold.Number].ValidationRows.Length.ToString(CultureInfo.InvariantCulture),
        },
        Metrics = result.FoldMetrics.ToDictionary(
            metric => metric.Key, metric => metric.Value[fold.Number].Value, StringComparer.Ordinal),
    };
}
