using MlOps.Sdk;
using MlOps.Sdk.Tracking;

namespace Acme;

/// <summary>Runs that leave a workspace: into another one, and to an MLflow server.</summary>
internal static class CarriedRuns
{
    public static async Task<ArchiveReport> ExportAsync(Workspace workspace, string path)
    {
        // begin-snippet: export-archive
        var exported = await workspace.ExportArchiveAsync(
            path,
            new ArchiveSelection { Runs = RunFilter.Parse("metrics.roc_auc > 0.8"), Models = ["customer-churn"] });
        Console.WriteLine($"{exported.Runs} runs, {exported.Versions} versions, {exported.Artifacts} artifacts");
        // end-snippet
        return exported;
    }

    public static async Task<ImportReport> ImportAsync(Workspace workspace, string path)
    {
        // begin-snippet: import-archive
        var expected = await workspace.ImportArchiveAsync(path, dryRun: true);
        foreach (var conflict in expected.Conflicts) Console.WriteLine($"{conflict.Subject}: {conflict.Problem}");
        var imported = await workspace.ImportArchiveAsync(path);
        foreach (var version in imported.Versions)
        {
            Console.WriteLine($"{version.Model}: version {version.From} of the other workspace is version {version.Version} here");
        }

        // end-snippet
        return imported;
    }

    public static async Task<MlflowReport> SendAsync(Workspace workspace, Uri server)
    {
        // begin-snippet: export-to-mlflow
        var options = new MlflowOptions { Server = server };
        options.AuthorizationFromEnvironment("MLFLOW_AUTHORIZATION"); // for example: Bearer …
        var sent = await workspace.ExportToMlflowAsync(options, RunFilter.Parse("tag.team = \"retention\""));
        Console.WriteLine($"{sent.Created} new runs, {sent.Continued} completed, {sent.Unchanged} as before");
        // end-snippet
        return sent;
    }
}
