using CustomerChurn;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using Spectre.Console;

const string folder = ".mlops";
const int ordinary = 1_000;
const int batch = 500;
const int shifted = 3_000;

var table = Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv");
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

// A file or a pipe has no width: tables get the room that they need.
if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 140;

try
{
    if (args.Contains("--fresh") && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    await using var workspace = await Workspace.OpenAsync(folder, cancellationToken: stop.Token);
    var lifecycle = ChurnLifecycle.Build(table);

    var run = await RunOrResumeAsync(workspace, lifecycle);
    RunReport.Print(run);
    var page = Path.Combine(folder, "exploration.html");
    await File.WriteAllTextAsync(page, run.Exploration!.ToHtml("Customer churn: the training rows"), stop.Token);
    AnsiConsole.WriteLine($"The training rows as a page, with charts: {page}");
    var runPage = Path.Combine(folder, "run.html");
    await File.WriteAllTextAsync(runPage, run.ToHtml(), stop.Token);
    AnsiConsole.WriteLine($"The run as a page, with its gates, holdout and leaderboard: {runPage}");
    RunReport.Title("Why each stage ran or was reused");
    AnsiConsole.WriteLine(run.Explain());

    var answered = (await workspace.Runs.ListAsync(lifecycle.Name, RunState.Succeeded, cancellationToken: stop.Token)).FirstOrDefault(
        earlier => earlier.Cause.StartsWith("retraining", StringComparison.Ordinal));
    if (answered is not null)
    {
        RunReport.Title("Everything was reused");
        var champion = await workspace.Models.FindByAliasAsync(lifecycle.Name, ModelRegistry.Champion, stop.Token);
        AnsiConsole.WriteLine(
            $"The drift of an earlier run was answered by run {answered.Id}; version {champion!.Version} is live. " +
            "Start over with --fresh.");
        return 0;
    }

    await ServeAsync(workspace, lifecycle);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    AnsiConsole.WriteLine("Cancelled. The next start continues where this one stopped.");
    return 2;
}
catch (MlOpsException e)
{
    AnsiConsole.WriteLine($"Stage {e.Stage?.ToString() ?? "—"}: {e.Message}");
    return 1;
}

// A run whose process was killed is shown as interrupted, and continues at the stage that it was in.
async Task<LifecycleRun> RunOrResumeAsync(Workspace workspace, Lifecycle lifecycle)
{
    var latest = await workspace.Runs.LatestAsync(lifecycle.Name, stop.Token);
    if (latest is { State: RunState.Interrupted or RunState.Cancelled or RunState.Failed } && latest.Cause == "manual")
    {
        var reached = latest.Stages.LastOrDefault(stage => stage.State is not StageState.Pending)?.Stage;
        AnsiConsole.WriteLine($"Run {latest.Id} is {latest.State}, in stage {reached}. It is resumed.");
        return await RunDisplay.ShowAsync(progress => lifecycle.ResumeAsync(workspace, latest.Id, progress, stop.Token));
    }

    return await RunDisplay.ShowAsync(progress => lifecycle.RunAsync(workspace, progress, stop.Token));
}

async Task ServeAsync(Workspace workspace, Lifecycle lifecycle)
{
    var endpoint = workspace.Endpoint<Customer, ChurnPrediction>(lifecycle.Name);
    var monitor = workspace.Monitor(lifecycle.Name);
    var customers = await CustomerTable.ReadAsync(table, stop.Token);

    RunReport.Title($"Serving {ordinary:N0} customers");
    var calls = 0;
    for (var i = 0; i < ordinary; i++)
    {
        var answer = endpoint.Predict(customers[i * 7 % customers.Count], PredictionId.FromKey($"ordinary-{i}"));
        if (answer.Value.ShouldCall) calls++;
    }

    AnsiConsole.WriteLine($"{calls:N0} of {ordinary:N0} are worth a call.");
    RunReport.Print((await monitor.CheckAsync(stop.Token))!);

    RunReport.Title("Prices rise, a campaign changes who signs up, a competitor buys them out");
    var labels = new Dictionary<PredictionId, string>();
    var noticed = false;
    foreach (var (key, customer, churn) in ShiftedCustomers.Draw(customers, shifted, seed: 2))
    {
        var answer = endpoint.Predict(customer, PredictionId.FromKey(key));
        labels[answer.Id] = churn;
        if (noticed || labels.Count % batch != 0) continue;
        var report = (await monitor.CheckAsync(stop.Token))!;
        RunReport.Print(report);
        if (!report.AskedForRetraining) continue;
        noticed = true;
        AnsiConsole.WriteLine($"Alert: {report.Alert?.Message}");
        AnsiConsole.WriteLine($"Retraining is requested. Until the labels arrive, version {endpoint.Version} stays live.");
    }

    var receipt = await monitor.LabelAsync(labels, stop.Token);
    RunReport.Title($"{receipt.Added:N0} labels arrive; the lifecycle retrains");
    var retraining = await RunDisplay.ShowAsync(progress => lifecycle.RetrainAsync(workspace, progress, stop.Token));
    if (retraining.Run is not { } challenger)
    {
        AnsiConsole.WriteLine(retraining.Reason);
        return;
    }

    RunReport.Print(challenger.Deployment!);
    AnsiConsole.WriteLine(challenger.Deployment!.IsDeployed
        ? $"The challenger was promoted: version {endpoint.Version} is live."
        : $"The challenger was not promoted: version {endpoint.Version} stays live.");
}
