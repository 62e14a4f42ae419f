using System.Diagnostics;
using System.Text.Json;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packages;

/// <summary>The tool as a new user gets it: installed from its package, and run in a folder with a workspace.</summary>
[TestFixture]
[NonParallelizable] // It shares the folder of packages, and keeps the machine busy.
public sealed class ToolTests
{
    [LongForm]
    [Test]
    public async Task Tool_InstalledFromItsPackage_ReadsAWorkspaceAndEndsWithItsCodes()
    {
        var folder = PackedPackages.PathOf("tool");
        Directory.CreateDirectory(folder);
        await Dotnet.RunAsync(
            PackedPackages.PathOf(""), "tool", "install", "MlOps.Sdk.Tool", "--version", PackedPackages.Version, "--tool-path", folder);
        var home = Path.Combine(folder, "home");
        await using (var workspace = await Workspace.OpenAsync(Path.Combine(home, ".mlops")))
        {
            await BlessedModels.CreateTwoAsync(workspace, "churn");
            await SampleRows.Create(300, shift: 2).WriteToAsync(DataSinks.Parquet(Path.Combine(home, "shifted.parquet")));
            await SampleRows.Create(300, seed: 2).WriteToAsync(DataSinks.Csv(Path.Combine(home, "rows.csv")));
        }

        var version = await RunAsync(folder, home, "--version");
        var runs = await RunAsync(folder, home, "runs", "list", "--json");
        var models = await RunAsync(folder, home, "models", "list");
        var rollback = await RunAsync(folder, home, "rollback", "churn", "--reason", "it is wrong");
        var scores = await RunAsync(folder, home, "score", "churn", "rows.csv", "-o", "scores.parquet");
        var drift = await RunAsync(folder, home, "drift", "rows.csv", "shifted.parquet");
        var suggested = await RunAsync(folder, home, "[suggest:19]", "mlops models show c");
        var card = await RunAsync(folder, home, "card", "churn", "2", "--html", "card.html");
        var anchor = await RunAsync(folder, home, "audit", "anchor");
        await File.WriteAllTextAsync(Path.Combine(home, "anchors.txt"), anchor.Out);
        var backup = await RunAsync(folder, home, "backup", "copy");
        var restored = await RunAsync(folder, home, "restore", "copy", "restored");
        var verified = await RunAsync(folder, home, "audit", "verify", "--anchor", "anchors.txt", "-w", "restored");
        var exported = await RunAsync(folder, home, "export", "all.zip", "--model", "churn");
        var imported = await RunAsync(folder, home, "import", "all.zip", "--json");
        var mistake = await RunAsync(folder, home, "rnus");
        var elsewhere = await RunAsync(folder, folder, "runs", "list");

        Assert.Multiple(() =>
        {
            Assert.That(version.Out, Does.Match("^[0-9]+[.][0-9]+[.][0-9]+"));
            Assert.That(JsonDocument.Parse(runs.Out).RootElement.GetProperty("runs").GetArrayLength(), Is.EqualTo(2));
            Assert.That(models.Out, Does.Match("churn +2 ").And.Not.Contain('\u001b'));
            Assert.That(rollback.Out, Does.StartWith("Version 1 of churn is live instead of version 2."), rollback.Error);
            Assert.That(scores.Out, Does.StartWith("300 rows scored by version 1 of churn"), scores.Error);
            Assert.That(File.Exists(Path.Combine(home, "scores.parquet")), Is.True);
            Assert.That((drift.Code, drift.Error), Is.EqualTo((1, "")));
            Assert.That(suggested.Out.Trim(), Is.EqualTo("churn"));
            Assert.That(card.Out, Does.StartWith("churn, version 2").And.Contain("The page is in card.html."), card.Error);
            Assert.That(backup.Out, Does.StartWith("The workspace was copied to "), backup.Error);
            Assert.That(restored.Out, Does.StartWith("The workspace was restored to "), restored.Error);
            Assert.That(verified.Out, Does.StartWith("The audit log is intact."), verified.Error);
            Assert.That(exported.Out, Does.StartWith("Written to all.zip: "), exported.Error);
            Assert.That(JsonDocument.Parse(imported.Out).RootElement.GetProperty("versionsKnown").GetInt32(), Is.EqualTo(2));
            Assert.That(mistake.Code, Is.EqualTo(2));
            Assert.That(elsewhere.Code, Is.EqualTo(3));
            Assert.That(Directory.Exists(Path.Combine(folder, ".mlops")), Is.False);
        });
    }

    private static async Task<(int Code, string Out, string Error)> RunAsync(string tools, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(tools, OperatingSystem.IsWindows() ? "mlops.exe" : "mlops"), arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { } host)
        {
            start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(host);
        }
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        return (process.ExitCode, await output, await error);
    }
}
