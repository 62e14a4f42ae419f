using System.Text.Json;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>Reads the leaderboards of runs, from what their searches have recorded. Thread-safe.</summary>
internal sealed class LeaderboardReading(Workspace workspace)
{
    public async Task<RunLeaderboard?> ReadAsync(string runId, CancellationToken cancellationToken)
    {
        var run = await workspace.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        var stage = run.Stages.FirstOrDefault(each => each.Stage == LifecycleStage.Training);
        var searched = stage?.State == StageState.Reused
            ? await FindSearchAsync(run, stage, cancellationToken).ConfigureAwait(false)
            : runId;
        var rows = await TrialRecords.ReadAsync(workspace.Store, searched, cancellationToken).ConfigureAwait(false);
        var recorded = rows.Select(row => (row.Trial, Board: Read(row))).ToList();
        var isFinished = stage?.State is StageState.Succeeded or StageState.Reused;
        var finished = isFinished
            ? await FindFinishedAsync(stage!, cancellationToken).ConfigureAwait(false)
            : null;
        var board = finished ?? Merge([.. recorded.Select(each => each.Board)]);
        return board is null
            ? null
            : StoredRecord.Read($"the leaderboard of run '{runId}'", () => ToRanked(runId, searched, isFinished, board, recorded));
    }

    private static RunLeaderboard ToRanked(
        string runId, string searched, bool isFinished, Leaderboard board, IReadOnlyList<(string Trial, Leaderboard Board)> recorded)
    {
        // A trial that was tried again after an interruption has two runs: the later one counts.
        var runs = recorded.GroupBy(each => KeyOf(each.Board.Trials[0])).ToDictionary(group => group.Key, group => group.Last().Trial);
        return new RunLeaderboard
        {
            RunId = runId,
            SearchedBy = searched,
            IsFinished = isFinished,
            Metric = board.Metric,
            Direction = board.Direction,
            Trials = [.. board.Trials.Select((trial, i) => Ranked(trial, i + 1, board.Metric, runs.GetValueOrDefault(KeyOf(trial))))],
        };
    }

    private static RankedTrial Ranked(TrialResult trial, int rank, string metric, string? run)
    {
        var value = trial.Metrics.GetValueOrDefault(metric, MetricValue.NotDefined("The trial has no value."));
        var (mean, deviation) = FoldSpread.Of(trial, metric);
        return new RankedTrial
        {
            Rank = rank,
            RunId = run,
            State = SearchJournal.StateOf(trial),
            Result = trial,
            Value = value.Value,
            Lower = value.Lower,
            Upper = value.Upper,
            FoldMean = mean,
            FoldDeviation = deviation,
        };
    }

    private static (string Candidate, int Trial) KeyOf(TrialResult trial) => (trial.Candidate, trial.Trial);

    private static Leaderboard Read(SearchTrialRow row) => StoredRecord.Read($"trial '{row.Trial}'", () =>
    {
        var board = JsonSerializer.Deserialize(row.Result, TrainingJson.Default.Leaderboard)!;
        return board.Trials.Count == 1 ? board : throw new InvalidDataException("It has not one trial.");
    });

    // What was tried before the metric was changed is not of this search.
    private static Leaderboard? Merge(IReadOnlyList<Leaderboard> boards)
    {
        if (boards.Count == 0) return null;
        var (metric, direction) = (boards[^1].Metric, boards[^1].Direction);
        var trials = boards
            .Where(board => board.Metric == metric)
            .Select(board => board.Trials[0])
            .GroupBy(KeyOf)
            .Select(group => group.Last())
            .ToList();
        trials.Sort(new TrialRanking(metric, direction));
        return new Leaderboard(metric, direction, trials);
    }

    private async Task<Leaderboard?> FindFinishedAsync(StageRecord stage, CancellationToken cancellationToken)
    {
        if (!stage.Outputs.TryGetValue(TrainingStage.Summary, out var id)) return null;
        var (bytes, loss) = await workspace.Artifacts.TryReadAllAsync(id, cancellationToken).ConfigureAwait(false);
        return loss is null
            ? StoredRecord.ReadJson($"the training (artifact {id.Hex})", bytes, TrainingJson.Default.TrainingSummary).Leaderboard
            : null;
    }

    private async Task<string> FindSearchAsync(RunRecord run, StageRecord stage, CancellationToken cancellationToken)
    {
        var result = stage.Fingerprint is { } fingerprint
            ? await workspace.StageResults.FindStageResultAsync(
                run.Lifecycle, LifecycleStage.Training, fingerprint, cancellationToken).ConfigureAwait(false)
            : null;
        if (!stage.Outputs.TryGetValue(TrainingStage.Summary, out var ours)) return run.Id;
        if (result is not null) return result.Outputs.GetValueOrDefault(TrainingStage.Summary) == ours ? result.RunId : run.Id;

        // Results are not carried into other workspaces; the runs that made them are.
        var makers = stage.Fingerprint is null ? [] : await workspace.Store.ReadAsync(
            connection => RunStageTable.Makers(connection, run.Lifecycle, LifecycleStage.Training, stage.Fingerprint),
            cancellationToken).ConfigureAwait(false);
        return makers.FirstOrDefault(
            maker => StorageJson.ReadArtifacts(maker.Outputs).GetValueOrDefault(TrainingStage.Summary) == ours).Run ?? run.Id;
    }
}
