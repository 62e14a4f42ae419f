using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Tracking;

namespace Acme;

/// <summary>What getting-started does after the first prediction: check, label, retrain.</summary>
internal static class WatchedChurn
{
    public static Lifecycle Build(string csv)
    {
        // begin-snippet: build-lifecycle
        var churn = LifecycleBuilder.Create(ChurnLifecycle.Name);
        ChurnLifecycle.Define(churn, csv);
        var lifecycle = churn.Build();
        // end-snippet
        return lifecycle;
    }

    public static List<PredictionId> Predict(Workspace workspace, IEnumerable<Customer> customers)
    {
        // begin-snippet: predict-many
        var endpoint = workspace.Endpoint<Customer, ChurnPrediction>(ChurnLifecycle.Name);
        var ids = new List<PredictionId>();
        foreach (var customer in customers) ids.Add(endpoint.Predict(customer).Id);
        // end-snippet
        return ids;
    }

    public static async Task<MonitoringReport?> CheckAsync(Workspace workspace)
    {
        // begin-snippet: check
        var monitor = workspace.Monitor(ChurnLifecycle.Name);
        var report = await monitor.CheckAsync(); // null when nothing was predicted since the last check
        foreach (var finding in report?.Changes ?? [])
        {
            Console.WriteLine(
                $"{finding.Measurement.Subject}: {finding.Measurement.Effect} {finding.Measurement.EffectSize:0.00}, corrected p " +
                $"{finding.AdjustedPValue:0.000}");
        }
        // end-snippet
        return report;
    }

    public static async Task PagesAsync(LifecycleRun run, MonitoringReport report, string page, string watched)
    {
        // begin-snippet: run-page
        await File.WriteAllTextAsync(page, run.ToHtml()); // of an earlier run: (await workspace.LifecycleRunAsync(runId)).ToHtml()
        // end-snippet

        // begin-snippet: monitoring-page
        await File.WriteAllTextAsync(watched, report.ToHtml());
        // end-snippet
    }

    public static async Task<RetrainingResult> RetrainAsync(Workspace workspace, Lifecycle lifecycle, IEnumerable<PredictionId> ids)
    {
        // begin-snippet: retrain
        var truth = ids.Select(id => KeyValuePair.Create(id, "Yes")); // exactly as in the label's column
        var receipt = await workspace.Monitor(ChurnLifecycle.Name).LabelAsync(truth);
        Console.WriteLine($"{receipt.Added} labels are new, {receipt.Unmatched.Count} belong to no recorded prediction");

        var retraining = await lifecycle.RetrainAsync(workspace);
        Console.WriteLine(retraining); // why the challenger was promoted or not; or that none is requested
        // end-snippet
        return retraining;
    }

    public static async Task<int> ServeAsync(Workspace workspace)
    {
        // begin-snippet: serve
        var version = await workspace.ServeAsync("customer-churn"); // the promoted version, verified; no training
        // end-snippet
        return version;
    }

    public static async Task ResumeAsync(Workspace workspace, Lifecycle lifecycle)
    {
        // begin-snippet: resume
        var latest = await workspace.Runs.LatestAsync("customer-churn");
        var run = latest is { ParentRun: null, State: RunState.Failed or RunState.Cancelled or RunState.Interrupted }
            ? await lifecycle.ResumeAsync(workspace, latest.Id)
            : await lifecycle.RunAsync(workspace);
        Console.WriteLine(run.Explain());
        // end-snippet
    }

    public static async Task BackupAsync(Workspace workspace, string target)
    {
        // begin-snippet: backup
        var backup = await workspace.BackupAsync(target);
        Console.WriteLine($"{backup.Artifacts} artifacts, {backup.TotalSize} bytes; audit log {backup.AuditHead}");
        foreach (var lost in backup.Lost) Console.WriteLine($"was lost before: {lost.Problem}");
        // end-snippet
    }

    public static async Task RestoreAsync(string backup, string path, string head)
    {
        // begin-snippet: restore
        await Workspace.VerifyBackupAsync(backup);
        await Workspace.RestoreAsync(backup, path, new RestoreOptions { KnownAuditHead = head });
        await using var workspace = await Workspace.OpenAsync(path);
        // end-snippet
    }

    public static async Task<bool> VerifyAuditAsync(Workspace workspace)
    {
        // begin-snippet: audit
        var audit = await workspace.Audit.VerifyAsync();
        Console.WriteLine(
            audit.IsIntact ? $"{audit.Entries} entries, head {audit.HeadHash}" : $"broken at {audit.FirstBroken}: {audit.Problem}");
        // end-snippet
        return audit.IsIntact;
    }
}
