using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Monitoring;

namespace Acme;

/// <summary>What needs no training: a table's profile, two tables compared, a model that is served elsewhere.</summary>
internal static class WatchedElsewhere
{
    public static async Task<IReadOnlyList<MonitoringFinding>> CompareAsync(string lastMonth, string thisMonth)
    {
        // begin-snippet: drift-check
        var findings = await DriftCheck.CompareAsync(
            await DataSources.Csv(lastMonth).ReadAllAsync(),
            await DataSources.Csv(thisMonth).ReadAllAsync());
        foreach (var finding in findings) Console.WriteLine($"{finding.Measurement.Subject}: {finding.Verdict}");
        // end-snippet
        return findings;
    }

    public static async Task<DatasetProfile> ProfileAsync(string csv)
    {
        // begin-snippet: profile
        var profile = DatasetProfile.Of(await DataSources.Csv(csv).ReadAllAsync());
        foreach (var column in profile.Columns)
        {
            Console.WriteLine($"{column.Name}: {column.Type}, {column.Missing} missing, {column.Distinct} different values");
        }
        foreach (var finding in profile.Findings) Console.WriteLine(finding.Sentence);
        // end-snippet
        return profile;
    }

    public static async Task<MonitoringReport?> WatchAsync(Workspace workspace, string csv, Dataset today)
    {
        // begin-snippet: trained-elsewhere
        var lifecycle = LifecycleBuilder.Create("scored-elsewhere")
            .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes"))
            .CollectData(data => data.FromCsv(csv)) // with the model's scores in a column
            .MonitorModel(monitoring => monitoring.TrainedElsewhere(score: "score").DataDrift().PredictionDrift())
            .Build();
        await lifecycle.RunAsync(workspace);

        var monitor = workspace.Monitor("scored-elsewhere");
        await monitor.RecordAsync(today);
        var report = await monitor.CheckAsync();
        // end-snippet
        return report;
    }

    public static async Task<int> CountReleasedAsync(Workspace workspace)
    {
        // begin-snippet: retention
        var released = await workspace.ReleaseSnapshotsAsync(
            new SnapshotRetention { KeepRuns = 20, KeepFor = TimeSpan.FromDays(365) },
            dryRun: true);
        Console.WriteLine($"{released.Runs.Count} runs would release {released.Artifacts.Count} snapshots of {released.TotalSize} bytes");
        // end-snippet
        return released.Runs.Count;
    }

    public static async Task<int> CountGarbageAsync(Workspace workspace)
    {
        // begin-snippet: garbage
        var garbage = await workspace.CollectGarbageAsync(dryRun: true);
        Console.WriteLine($"{garbage.Artifacts.Count} artifacts of {garbage.TotalSize} bytes belong to nothing any more");
        // end-snippet
        return garbage.Artifacts.Count;
    }
}
