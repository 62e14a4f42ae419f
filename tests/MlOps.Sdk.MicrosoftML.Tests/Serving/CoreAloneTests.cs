using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

/// <summary>What ML.NET trained is served by a process that does not have ML.NET.</summary>
internal sealed class CoreAloneTests
{
    [Test]
    public async Task ServeAsync_ProcessWithTheCoreAlone_AnswersToTheBit()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-core-alone-").FullName;
        try
        {
            var csv = Mail.Write(folder, "mails.csv", Mail.Draw(600, seed: 1));
            double[] expected;
            var workspacePath = Path.Combine(folder, "workspace");
            await using (var workspace = await Workspace.OpenAsync(workspacePath))
            {
                await LifecycleBuilder.Create("mails")
                    .DefineProblem(problem => problem.BinaryClassification("Label", positive: "true"))
                    .CollectData(data => data.FromCsv(csv))
                    .EngineerFeatures(features => features.Numeric(["Length"]).OneHot(["Text"], maxLevels: 40))
                    .TrainModel(training => training.Try(MicrosoftML.FastTree()).CrossValidate(folds: 2).Trials(0))
                    .DeployModel(deployment => deployment.ToProcess())
                    .Build().RunAsync(workspace);
                var endpoint = workspace.Endpoint("mails");
                var rows = await DataSources.Csv(csv).ReadAllAsync();
                expected = [.. Enumerable.Range(0, rows.RowCount).Select(row => endpoint.Predict(new Dictionary<string, object?>
                {
                    ["Text"] = rows["Text"].GetText(row),
                    ["Length"] = rows["Length"].GetNumber(row),
                }).Value.Score)];
            }

            var output = HostFolder();
            Assert.That(Directory.GetFiles(output, "Microsoft.ML*"), Is.Empty);
            var lines = await RunAsync(output, "answer", workspacePath, "mails", csv);

            Assert.That(expected.Distinct().Count(), Is.GreaterThan(20));
            Assert.That(lines.Select(line => double.Parse(line, CultureInfo.InvariantCulture)), Is.EqualTo(expected));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string HostFolder() => TestContext.CurrentContext.TestDirectory.Replace(
        "MlOps.Sdk.MicrosoftML.Tests", "MlOps.Sdk.TestHost", StringComparison.Ordinal);

    private static async Task<string[]> RunAsync(string output, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(output, "MlOps.Sdk.TestHost.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, await errors);
        return said.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
