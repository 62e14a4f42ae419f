using System.Globalization;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>Shows a run as an HTML page: what it is for and what was decided, then what that rests on.</summary>
internal static class RunPage
{
    private const int TrialsShown = 30;
    private const int LinesShown = 50;

    /// <summary>How many messages of the log are shown of its beginning.</summary>
    public const int FirstLogged = 50;

    /// <summary>How many messages of the log are shown of its end.</summary>
    public const int LastLogged = 150;

    public static string Write(LifecycleRun run, string? title)
    {
        var record = run.Record;
        var page = new HtmlPage(title ?? $"{HtmlPage.Name(record.Lifecycle)}: run {record.Id}", Subtitle(run));
        if (run.ResultsOf != run.Id) page.Paragraph($"No source had new rows: these are the results of run {run.ResultsOf}.");
        page.Tiles([.. Tiles(run)]);
        if (record.Error is { } error) page.Alarm(error);
        if (run.FailedAfterwards is { } afterwards && afterwards.Message != record.Error) page.Alarm(afterwards.Message);
        WriteProblem(page, run);
        if (run.Deployment is { } deployment) DeploymentPage.Write(page, deployment);
        if (run.Training is { } training) WriteLeaderboard(page, training);
        WriteFeatures(page, run);
        if (run.Exploration is { } exploration) WriteExploration(page, exploration);
        WriteRows(page, run);
        WriteMonitoring(page, run);
        WriteStages(page, record);
        WriteLog(page, run);
        return page.Build();
    }

    private static string Subtitle(LifecycleRun run)
    {
        var record = run.Record;
        var sources = run.Collection is { Sources.Count: > 0 } collection
            ? $"; data from {string.Join(", ", collection.Sources.Select(source => HtmlPage.Name(source.Name)))}"
            : "";
        var took = record.EndedAt is { } end ? $", took {HtmlPage.Duration(end - record.StartedAt)}" : "";
        return $"Begun {HtmlPage.Moment(record.StartedAt)}{took}; cause: {record.Cause}{sources}";
    }

    private static IEnumerable<(string Name, string Value)> Tiles(LifecycleRun run)
    {
        yield return ("state", Prose.Words(run.State.ToString()));
        if (run.Deployment is { } deployment)
        {
            yield return ($"version {HtmlPage.Count(deployment.Version)}", DeploymentPage.Outcome(deployment).Text);
            if (run.Training is { } ranked && deployment.Holdout.TryGetValue(ranked.Leaderboard.Metric, out var value))
            {
                yield return ($"{ranked.Leaderboard.Metric} on the holdout", DeploymentPage.Value(value));
            }
        }

        if (run.Training is { } training) yield return ("trials", HtmlPage.Count(training.Leaderboard.Trials.Count));
        if (run.Processing is { } processing)
        {
            yield return ("training rows", HtmlPage.Count(processing.TrainRows));
            yield return ("holdout rows", HtmlPage.Count(processing.HoldoutRows));
        }
    }

    private static void WriteProblem(HtmlPage page, LifecycleRun run)
    {
        if (run.Problem is not { } problem) return;
        page.Heading("Problem").Facts(
            problem.Objective ?? $"Predict {HtmlPage.Name(problem.Label)}",
            ("label", HtmlPage.Name(problem.Label)),
            ("positive class", problem.PositiveClass),
            ("task", Prose.Words(problem.Task.ToString())),
            ("cost of a false positive", problem.Costs is null ? null : HtmlPage.Number(problem.Costs.FalsePositive)),
            ("cost of a false negative", problem.Costs is null ? null : HtmlPage.Number(problem.Costs.FalseNegative)),
            ("owner", problem.Owner),
            ("risk", problem.StatedRisk?.ToString().ToLowerInvariant()),
            ("protected", problem.ProtectedAttributes.Count == 0
                ? null
                : string.Join(", ", problem.ProtectedAttributes.Select(HtmlPage.Name))),
            ("today, without the model", problem.Baseline));
    }

    private static void WriteLeaderboard(HtmlPage page, TrainingSummary training)
    {
        var board = training.Leaderboard;
        page.Heading("Leaderboard").Table(
            ["rank", "trainer", "trial#", $"{board.Metric}, out of fold#", "lowest to highest fold", "guards", "time#", "hyperparameters"],
            board.Trials.Take(TrialsShown).Select((trial, i) => new[]
            {
                (HtmlPage.Count(i + 1), i == 0 ? "good" : (string?)null),
                (trial.Candidate, i == 0 ? "good" : null),
                (HtmlPage.Count(trial.Trial), null),
                trial.Error is not null || !trial.Metrics.TryGetValue(board.Metric, out var value)
                    ? (trial.IsOverBudget ? "over budget" : "failed", "bad")
                    : (DeploymentPage.Value(value), null),
                (Folds(trial, board.Metric), null),
                trial.Error is not null || trial.Guards.Count == 0 ? ("", null)
                    : trial.PassedGuards ? ("kept", "good")
                    : ("broken", "bad"),
                (HtmlPage.Duration(trial.Elapsed), null),
                (trial.Error ?? Parameters(trial), null),
            }));
        if (board.Trials.Count > TrialsShown)
        {
            var left = board.Trials.Count - TrialsShown;
            page.Paragraph($"{Prose.Count(left, "more trial")} {Prose.Are(left)} in the training summary.");
        }
    }

    private static string Parameters(TrialResult trial) => string.Join(", ", trial.Parameters.Select(parameter =>
        $"{parameter.Key} {(parameter.Value.IsNumber ? HtmlPage.Number(parameter.Value.AsNumber()) : parameter.Value)}"));

    private static string Folds(TrialResult trial, string metric)
    {
        double[] values = trial.FoldMetrics.TryGetValue(metric, out var folds)
            ? [.. folds.Where(fold => fold.IsDefined).Select(fold => fold.Value)]
            : [];
        return values.Length < 2 ? "" : $"{HtmlPage.Decimals(values.Min())} to {HtmlPage.Decimals(values.Max())}";
    }

    private static void WriteFeatures(HtmlPage page, LifecycleRun run)
    {
        if (run.Features is not { } features || (features.Excluded.Count == 0 && features.Observed.Count == 0)) return;
        var observed = features.Observed.Count == 0
            ? ""
            : $" Recorded but not scored: {string.Join(", ", features.Observed.Select(HtmlPage.Name))}.";
        page.Heading("Features").Paragraph(
            $"{HtmlPage.Count(features.Slots.Count)} features of {HtmlPage.Count(features.Inputs.Count)} columns.{observed}");
        if (features.Excluded.Count == 0) return;
        page.Table(
            ["left out", "why"],
            features.Excluded.Take(LinesShown).Select(column => new[]
            {
                (HtmlPage.Name(column.Column), (string?)null),
                (column.Reason, null),
            }));
    }

    private static void WriteExploration(HtmlPage page, ExplorationReport exploration)
    {
        if (exploration.LeakageSuspects.Count + exploration.Hypotheses.Count == 0) return;
        page.Heading("Exploration").Table(
            ["", "verdict"],
            exploration.LeakageSuspects.Take(LinesShown)
                .Select(suspect => new[] { (suspect.Sentence, (string?)null), ("possible leakage", "warn") })
                .Concat(exploration.Hypotheses.Take(LinesShown).Select(hypothesis => new[]
                {
                    (hypothesis.Name, null),
                    hypothesis.Verdict switch
                    {
                        Verdict.Supported => ("supported", "good"),
                        Verdict.NotSupported => ("not supported", "bad"),
                        _ => ("not enough data", (string?)"warn"),
                    },
                })));
    }

    private static void WriteRows(HtmlPage page, LifecycleRun run)
    {
        if (run.Collection is null && run.Processing is null) return;
        page.Heading("Rows");
        if (run.Collection is { } collection)
        {
            page.Table(
                ["source", "rows#", "not readable#"],
                collection.Sources.Take(LinesShown).Select(source => new[]
                {
                    (source.Name, (string?)null),
                    (HtmlPage.Count(source.Rows), null),
                    (HtmlPage.Count(source.Malformed), source.Malformed > 0 ? "warn" : null),
                }));
        }

        if (run.Processing is not { } processing) return;
        if (processing.Steps.Count > 0)
        {
            page.Gap().Table(
                ["step", "rows before#", "rows after#"],
                processing.Steps.Take(LinesShown).Select(step => new[]
                {
                    (step.Step, (string?)null),
                    (HtmlPage.Count(step.RowsIn), null),
                    (HtmlPage.Count(step.RowsOut), null),
                }));
        }

        if (processing.Classes.Count > 0)
        {
            page.Gap().Table(
                ["class", "training rows#", "share#", "holdout rows#", "share#"],
                processing.Classes.Take(LinesShown).Select(each => new[]
                {
                    (HtmlPage.Name(each.Key), (string?)null),
                    (HtmlPage.Count(each.Value.Train), null),
                    (HtmlPage.Share((double)each.Value.Train / processing.TrainRows), null),
                    (HtmlPage.Count(each.Value.Holdout), null),
                    (HtmlPage.Share((double)each.Value.Holdout / processing.HoldoutRows), null),
                }));
        }

        List<string> notes = [.. (run.Collection?.Notes ?? []).Concat(processing.Notes).Take(LinesShown)];
        if (processing.QuarantinedRows > 0) notes.Add($"{HtmlPage.Count(processing.QuarantinedRows, "row")} quarantined.");
        if (notes.Count > 0) page.List(notes);
        if (processing.Expectations.Count == 0) return;
        page.Heading("Expectations").Table(
            ["", "expectation"],
            processing.Expectations.Take(LinesShown).Select(expectation => new[]
            {
                expectation.Met ? ("met", "good") : ("not met", expectation.FailsRun ? "bad" : (string?)"warn"),
                (expectation.Sentence, null),
            }));
    }

    private static void WriteMonitoring(HtmlPage page, LifecycleRun run)
    {
        if (run.Monitoring is not { } monitoring) return;
        List<string> lines = [$"Watched: {string.Join(", ", monitoring.Monitors)}."];
        if (monitoring.RetrainsOn.Count > 0)
        {
            var signals = monitoring.RetrainsOn.Select(signal => Prose.Words(signal.ToString()));
            lines.Add($"A retraining is requested because of {string.Join(", ", signals)}.");
        }
        if (monitoring.RetrainsAt.Count > 0) lines.Add($"A retraining is requested at {string.Join(", ", monitoring.RetrainsAt)}.");
        if (monitoring.Replay is { } replay)
        {
            lines.Add(
                $"On the training rows themselves, the monitors alarm in {HtmlPage.Count(replay.Alarms)} of " +
                $"{HtmlPage.Count(replay.Windows)} windows of {HtmlPage.Count(replay.Rows)} rows.");
        }
        page.Heading("Monitoring").List(lines);
    }

    private static void WriteStages(HtmlPage page, RunRecord record) => page
        .Heading("Why each stage ran")
        .Table(
            ["stage", "outcome", "time#", "why"],
            record.Stages.Select(stage => new[]
            {
                ($"{HtmlPage.Count((int)stage.Stage)} {stage.Stage}", (string?)null),
                stage.State switch
                {
                    StageState.Succeeded => ("ran", null),
                    StageState.Reused => ("reused", "good"),
                    StageState.Failed => ("failed", "bad"),
                    _ => (Prose.Words(stage.State.ToString()), (string?)"warn"),
                },
                (stage.Elapsed is { } time ? HtmlPage.Duration(time) : "", null),
                (stage.Error is null ? stage.Reason ?? "" : $"{stage.Reason}: {stage.Error}", null),
            }));

    private static void WriteLog(HtmlPage page, LifecycleRun run)
    {
        var (entries, count, dropped) = run.Log;
        if (entries.Count == 0) return;
        page.BeginDetails($"Log: {HtmlPage.Count(count, "message")}");
        if (count > entries.Count)
        {
            page.Paragraph($"The first {FirstLogged} and the last {LastLogged} messages. workspace.Runs.LogAsync reads all.");
        }
        if (dropped > 0) page.Paragraph($"{HtmlPage.Count(dropped, "message")} dropped because of the bounds of the log.");
        page.Table(
            ["time", "level", "stage", "event#", "message"],
            entries.Select(entry => new[]
            {
                (entry.At.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture), (string?)null),
                (entry.Level.ToString(), entry.Level switch
                {
                    >= LogLevel.Error => "bad",
                    LogLevel.Warning => "warn",
                    _ => null,
                }),
                (entry.Stage?.ToString() ?? "", null),
                (entry.EventId == 0 ? "" : entry.EventId.ToString(CultureInfo.InvariantCulture), null),
                (entry.ExceptionType is null ? entry.Message : $"{entry.Message} ({entry.ExceptionType}: {entry.Exception})", null),
            }));
        page.EndDetails();
    }
}
