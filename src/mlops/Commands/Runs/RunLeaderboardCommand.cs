using System.CommandLine;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>Ranks the trials of a run.</summary>
internal sealed class RunLeaderboardCommand : WorkspaceCommand
{
    private readonly Argument<string> _run;

    public RunLeaderboardCommand(Completions completions)
        : base("leaderboard", "Rank the trials of a run's search, the best first, also of a run that is in progress or failed.") =>
        Add(_run = RunReference.NewArgument(completions));

    public override IReadOnlyList<string> Examples => ["mlops runs leaderboard 4f2a9c1e", "mlops runs leaderboard 4f2a9c1e --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var id = await RunReference.ResolveAsync(workspace, invocation.Get(_run), cancellationToken).ConfigureAwait(false);
        var board = await workspace.LeaderboardAsync(id, cancellationToken).ConfigureAwait(false)
            ?? throw new MlOpsException($"No trial of run {id} has ended.", $"Its stages are shown by: mlops runs show {id}");
        invocation.Show(board, ToolJson.Default.RunLeaderboard, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, RunLeaderboard board)
    {
        var table = new TextTable(
            "rank#", "candidate", "trial#", $"{board.Metric}#", "from#", "to#", "folds#", "±#", "took#", "state", "run", "settings");
        foreach (var trial in board.Trials)
        {
            table.Add(
                trial.State == RunState.Failed,
                Shown.Number(trial.Rank),
                trial.Result.Candidate,
                Shown.Number(trial.Result.Trial),
                Number(trial.Value),
                Number(trial.Lower),
                Number(trial.Upper),
                Number(trial.FoldMean),
                Number(trial.FoldDeviation),
                Shown.Duration(trial.Duration),
                trial.Result.Error is null && !trial.Result.PassedGuards ? "breaks a guard" : trial.State.ToString(),
                trial.RunId,
                trial.Result.Error ?? string.Join(", ", trial.Result.Parameters.Select(setting => $"{setting.Key} = {setting.Value}")));
        }
        terminal.Table(table);
        if (!board.IsFinished) terminal.Line("The search has not ended: these are the trials that have.");
        if (board.SearchedBy != board.RunId) terminal.Line($"Reused from run {board.SearchedBy}");
    }

    private static string? Number(double value) => double.IsNaN(value) ? null : Shown.Number(value);
}
