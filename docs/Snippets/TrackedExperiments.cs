using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Tracking;

namespace Acme;

/// <summary>Experiments without a lifecycle: what was tried, and finding it again.</summary>
internal static class TrackedExperiments
{
    public static async Task<string> TryAsync(Workspace workspace, Dataset customers, CancellationToken cancellationToken)
    {
        // begin-snippet: track-run
        await using var run = await workspace.StartRunAsync(
            "churn-notebook",
            new TrackedRunOptions { Seed = 42, Tags = new Dictionary<string, string> { ["team"] = "retention" } },
            cancellationToken);
        await run.LogDatasetAsync("customers", customers, cancellationToken: cancellationToken);
        await run.LogParametersAsync([new("leaves", 31), new("learning_rate", 0.05)], cancellationToken);
        for (var epoch = 0; epoch < 20; epoch++) run.LogMetric("loss", 1.0 / (epoch + 1), epoch);
        run.LogMetric("roc_auc", 0.84);
        await run.LogArtifactAsync("notes.txt", "Trained on the customers of October."u8.ToArray(), cancellationToken);
        await run.AddNoteAsync("Better than last week's; look at the long tail.", cancellationToken);
        await run.CompleteAsync(cancellationToken); // without it, the run is Interrupted
        // end-snippet
        return run.Id;
    }

    public static async Task<IReadOnlyList<FoundRun>> FindAsync(Workspace workspace)
    {
        // begin-snippet: search-runs
        var best = await workspace.Runs.SearchAsync(
            "metrics.roc_auc > 0.8 and params.leaves = 31 and tag.team = \"retention\"", RunOrder.Largest("roc_auc"), limit: 10);
        foreach (var found in best) Console.WriteLine($"{found.Id}: {found.Metrics["roc_auc"]:0.000}, {found.State}");

        // The same, built in code.
        var filter = RunFilter.Metric("roc_auc").IsAbove(0.8) & RunFilter.Parameter("leaves").Is(31)
            & RunFilter.Tag("team").Is("retention");
        var page = await workspace.Runs.SearchAsync(new RunQuery { Filter = filter, Order = RunOrder.Largest("roc_auc"), Limit = 10 });
        // end-snippet
        return [.. best, .. page.Runs];
    }

    public static async Task<string> CompareAsync(Workspace workspace, string first, string second)
    {
        // begin-snippet: compare-tracked-runs
        var comparison = await workspace.Runs.CompareAsync([first, second]);
        Console.WriteLine(comparison);
        await File.WriteAllTextAsync(Path.Combine(workspace.Path, "comparison.html"), comparison.ToHtml());
        // end-snippet
        return comparison.ToString();
    }

    public static async Task<RunDetails> ReadAsync(Workspace workspace, string runId)
    {
        // begin-snippet: run-details
        var details = await workspace.Runs.DetailsAsync(runId);
        Console.WriteLine($"{details.Run.State}, commit {details.Environment?.GitCommit}, {details.Artifacts.Count} artifacts");
        await workspace.Runs.SetTagAsync(runId, "reviewed", "yes"); // also after the end of the run
        // end-snippet
        return details;
    }

    public static async Task<RunLeaderboard> RankAsync(Workspace workspace, string runId)
    {
        // begin-snippet: run-leaderboard
        var board = await workspace.LeaderboardAsync(runId)
            ?? throw new InvalidOperationException("No trial has ended.");
        Console.WriteLine(board); // as a table
        foreach (var trial in board.Trials)
        {
            Console.WriteLine(
                $"{trial.Rank}. {trial.Result.Candidate}: {board.Metric} = {trial.Value:0.000}, folds {trial.FoldMean:0.000} " +
                $"± {trial.FoldDeviation:0.000}, {trial.Duration.TotalSeconds:0.0} s, {trial.State}, run {trial.RunId}");
        }

        var good = await workspace.Runs.SearchAsync(
            $"kind = \"Trial\" and parent = \"{runId}\" and metrics.roc_auc > 0.7", RunOrder.Largest("roc_auc"));
        // end-snippet
        Console.WriteLine($"{good.Count} trials are good.");
        return board;
    }
}
