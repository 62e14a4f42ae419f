using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The examples run to their end, keep to the folder that they are started in, and say what the docs promise.</summary>
[TestFixture]
public sealed partial class ExampleTests
{
    [Test]
    [LongForm]
    public async Task CustomerChurn_StartedTwice_RetrainsAndThenReusesEverything()
    {
        using var folder = new TempFolder();

        var first = await RunAsync("CustomerChurn", "CustomerChurn.dll", folder);
        var second = await RunAsync("CustomerChurn", "CustomerChurn.dll", folder);

        Assert.Multiple(() =>
        {
            Assert.That(first, Does.Contain("Alert: customer-churn version 1: "));
            Assert.That(first, Does.Contain("The challenger was promoted: version 2 is live."));
            Assert.That(second, Does.Contain("── Everything was reused"));
            Assert.That(second, Does.Contain("version 2 is live."));
            Assert.That(Flat(second), Does.Contain("and no comparable version was live. Version 2 is live now."));
            foreach (var shown in ShownByReadme()) Assert.That(Flat(first), Does.Contain(shown), "README shows it");
            Assert.That(Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName), Is.EqualTo(new[] { ".mlops" }));
        });
    }

    [Test]
    [LongForm]
    public async Task Canary_Started_RollsAGoodVersionOutAndAFailingOneBack()
    {
        using var folder = new TempFolder();

        var output = await RunAsync("Canary", "CanaryExample.dll", folder);

        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Match(@"Version 2 answers 10 % of the calls\.\s+Version 2 answers 50 % of the calls\."));
            Assert.That(output, Does.Contain("Completed: no guard was violated"));
            Assert.That(output, Does.Match(@"Version 3 answers 10 % of the calls\.\s+errors Violated: "));
            Assert.That(output, Does.Contain("RolledBack: errors: "));
            Assert.That(output.TrimEnd(), Does.EndWith("Version 2 is live."));
            Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.Empty, "it cleans up");
        });
    }

    [Test]
    public async Task RegulatedCredit_Started_PutsLiveOnlyWhatTwoPeopleApproved()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder[".mlops"]);
        await File.WriteAllTextAsync(folder[".mlops/mlops.db"], "the workspace of another program");

        var output = await RunAsync("RegulatedCredit", "RegulatedCredit.dll", folder);
        var card = await File.ReadAllTextAsync(folder[".mlops-credit/model-card.html"]);

        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Contain("data-scientist ran the lifecycle: awaiting approval"));
            Assert.That(output, Does.Contain("passed         demographic_parity_difference(region): "));
            Assert.That(output, Does.Contain("data-scientist cannot approve it: "));
            Assert.That(output, Does.Match(@"approved request 1: pending; it awaits model-validator\s.+approved request 1: approved"));
            Assert.That(output, Does.Contain("The run succeeded, version 2 is live. It is better than version 1"));
            Assert.That(output, Does.Contain("operations: Version 1 of 'credit-review' is not live yet: Approval 3 awaits "));
            Assert.That(output, Does.Match(@"approved request 3: applied\s+Version 1 is live\."));
            Assert.That(output, Does.Match("All [0-9]+ entries are as they were written\\."));
            Assert.That(card, Does.Contain("Send loans that are likely to default").And.Contain("model-validator"));
            Assert.That(
                Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName),
                Is.EquivalentTo(new[] { ".mlops", ".mlops-credit" }));
            Assert.That(File.ReadAllText(folder[".mlops/mlops.db"]), Is.EqualTo("the workspace of another program"));
            Assert.That(
                async () => await RunAsync("RegulatedCredit", "RegulatedCredit.dll", folder),
                Throws.Exception.With.Message.Contains("The folder .mlops-credit is there already. Start with --fresh"));
            Assert.That(File.ReadAllText(folder[".mlops-credit/model-card.html"]), Is.EqualTo(card));
        });
    }

    [Test]
    public void Aws_WithoutArguments_SaysWhatItNeeds()
    {
        using var folder = new TempFolder();

        Assert.That(
            async () => await RunAsync("Aws", "AwsExample.dll", folder),
            Throws.Exception.With.Message.Contains("AwsExample <workspace> <model> --bucket <name>")
                .And.Message.Contains("Two arguments are expected"));
    }

    [Test]
    [LongForm]
    public async Task MicrosoftML_Started_SaysWhatEachPartGave()
    {
        using var folder = new TempFolder();

        var output = await RunAsync("MicrosoftML", "MicrosoftMLExample.dll", folder);

        var trials = Trial().Matches(output)
            .Select(match => (Trainer: match.Groups["trainer"].Value, Settings: match.Groups["settings"].Value, Auc: Auc(match)))
            .ToArray();
        var trainers = trials.Select(trial => trial.Trainer).ToArray();
        var settings = trials.Where(trial => trial.Trainer == "fast-tree").Select(trial => trial.Settings).ToArray();
        var best = Best().Match(output);
        var text = Text().Match(output);
        var challenger = Challenger().Match(output);
        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Not.Contain("failed:"));
            Assert.That(settings, Has.Length.EqualTo(3).And.All.Contains("leaves"));
            Assert.That(settings, Is.Unique);
            Assert.That(trainers, Does.Contain("own-pipeline").And.Contain("gradient-boosting").And.Contain("lbfgs-logistic-regression"));
            if (HasLightGbm) Assert.That(trainers, Does.Contain("lightgbm"));
            Assert.That(trials.Select(trial => trial.Auc), Is.Ordered.Descending.And.All.InRange(0.81, 0.87));
            Assert.That(trainers[0], Is.EqualTo(best.Groups["trainer"].Value));
            Assert.That(Auc(best), Is.InRange(0.81, 0.89));
            Assert.That(Auc(text), Is.GreaterThanOrEqualTo(0.8446 - 0.01));
            Assert.That(int.Parse(text.Groups["features"].Value, CultureInfo.InvariantCulture), Is.GreaterThan(100_000));
            Assert.That(output, Does.Contain("The file reads tenure: Integer, contract: Text; writes P('Yes')."));
            Assert.That(output, Does.Match(@"Version 1 is live: ROC AUC 0\.7\d+ on 1761 declared rows"));
            Assert.That(challenger.Success, Is.True, "the challenger is better");
            Assert.That(
                double.Parse(challenger.Groups["new"].Value, CultureInfo.InvariantCulture),
                Is.GreaterThan(double.Parse(challenger.Groups["old"].Value, CultureInfo.InvariantCulture)));
            Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.Empty, "it cleans up");
        });
    }

    private static bool HasLightGbm => RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64
        && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
        && !RuntimeInformation.RuntimeIdentifier.StartsWith("alpine", StringComparison.Ordinal);

    private static double Auc(Match match) => double.Parse(match.Groups["auc"].Value, CultureInfo.InvariantCulture);

    // The output in README is shortened: between its lines, and where it has an ellipsis. A line that ends with a comma goes on.
    private static IEnumerable<string> ShownByReadme()
    {
        var text = Documentation.Read("README.md");
        var from = text.IndexOf("  1.17 s  7 Training", StringComparison.Ordinal);
        var block = text[from..text.IndexOf("```", from, StringComparison.Ordinal)].Replace("\r", "", StringComparison.Ordinal);
        return Times().Replace(block, "").Replace(",\n", ", ", StringComparison.Ordinal).Split(['\n', '…'])
            .Select(Flat).Where(shown => shown.Length > 0);
    }

    private static string Flat(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex(@"[\s─│]+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^ *[\d.]+ s ", RegexOptions.Multiline)]
    private static partial Regex Times();

    // The build of the tests has made it.
    private static Task<string> RunAsync(string example, string assembly, TempFolder folder)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Dotnet.RunAsync(
            folder.Path,
            Path.Combine(Repository.Root, "examples", example, "bin", output.Parent!.Name, output.Name, assembly));
    }

    [GeneratedRegex(@"^  (?<trainer>[a-z-]+) +(?<settings>[a-zA-Z0-9., ]*?) +ROC AUC (?<auc>[\d.]+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Trial();

    [GeneratedRegex(@"The best is '(?<trainer>.+)': ROC AUC (?<auc>[\d.]+) on 1\d\d\d customers held out")]
    private static partial Regex Best();

    [GeneratedRegex(@"(?<features>\d+) features; ROC AUC (?<auc>[\d.]+) on 800 reviews held out")]
    private static partial Regex Text();

    [GeneratedRegex(
        @"Its challenger, version 2, is live: It is better than version 1 on the same [\d,]+ rows: " +
        @"roc_auc (?<new>[\d.]+) against (?<old>[\d.]+)")]
    private static partial Regex Challenger();
}
