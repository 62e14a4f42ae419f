using Microsoft.Extensions.Logging;
using MlOps.Sdk;
using MlOps.Sdk.Tracking;

namespace Acme;

/// <summary>Runs that repeat stages, wait for their turn, keep to budgets, and what they logged.</summary>
internal static class RepeatedRuns
{
    public static Lifecycle Build(string csv)
    {
        // begin-snippet: stage-budgets
        var churn = LifecycleBuilder.Create(ChurnLifecycle.Name)
            .Budget(LifecycleStage.Collection, TimeSpan.FromMinutes(15))
            .Budget(LifecycleStage.Training, TimeSpan.FromHours(4));
        // end-snippet
        ChurnLifecycle.Define(churn, csv);
        return churn.Build();
    }

    public static async Task<LifecycleRun> RepeatAsync(Workspace workspace, Lifecycle lifecycle, string runId)
    {
        // begin-snippet: run-stage
        // The rows and features of that run, trained again; nothing is deployed.
        var trained = await lifecycle.RunStageAsync(workspace, LifecycleStage.Training, ofRun: runId);
        Console.WriteLine(trained.Explain());

        // From the features on to the end: a run that succeeded is continued by a new run.
        var again = await lifecycle.ResumeAsync(workspace, runId, from: LifecycleStage.Features);
        Console.WriteLine($"{again.Id} takes the first stages of {again.Record.ResultsFrom}");
        // end-snippet
        return trained;
    }

    public static async Task<LifecycleRun?> InTurnAsync(Workspace workspace, Lifecycle lifecycle, CancellationToken cancellationToken)
    {
        // begin-snippet: run-concurrency
        try
        {
            return await lifecycle.RunAsync(
                workspace, new RunOptions { Concurrency = RunConcurrency.Reject }, cancellationToken: cancellationToken);
        }
        catch (RunInProgressException e)
        {
            Console.WriteLine($"{e.RunId} has been in progress on {e.Machine} since {e.StartedAt:t}");
            return null;
        }

        // end-snippet
    }

    public static async Task<long> ReadLogAsync(Workspace workspace, string runId)
    {
        // begin-snippet: run-log
        var query = new RunLogQuery { MinimumLevel = LogLevel.Warning };
        RunLogPage page;
        do
        {
            page = await workspace.Runs.LogAsync(runId, query);
            foreach (var entry in page.Entries) Console.WriteLine(entry); // time, level, stage, message
            query = query with { After = page.Next ?? 0 };
        }
        while (page.Next is not null);
        if (page.Dropped > 0) Console.WriteLine($"{page.Dropped} messages had no place");
        // end-snippet
        return page.Dropped;
    }
}
