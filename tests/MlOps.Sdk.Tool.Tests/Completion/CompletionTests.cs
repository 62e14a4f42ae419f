using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class CompletionTests
{
    private static readonly Mlops s_tool = new() { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } };

    [TestCase("mlops pro", "profile", "promote")]
    [TestCase("mlops ru", "runs")]
    [TestCase("mlops runs ", "leaderboard", "list", "log", "metrics", "show")]
    [TestCase("mlops models al", "alias")]
    [TestCase("mlops models alias ", "remove", "set")]
    [TestCase("mlops approvals list --state Pen", "Pending")]
    [TestCase("mlops audit export --format ", "csv", "jsonl")]
    [TestCase("mlops card ", "churn")]
    [TestCase("/opt/tools/mlops models sh", "show")]
    [TestCase("mlops models show ", "churn")]
    [TestCase("mlops promote ch", "churn")]
    [TestCase("mlops promote churn ", "2", "1")]
    [TestCase("mlops models show churn ", "2", "1")]
    [TestCase("mlops runs list --st", "--state")]
    [TestCase("mlops runs list --state Suc", "Succeeded")]
    [TestCase("mlops search x --order-by me", "metrics.")]
    [TestCase("mlops completion z", "zsh")]
    [TestCase("mlops models show --workspace /nowhere ")]
    public async Task Suggest_ALine_OffersWhatMayFollow(string line, params string[] expected)
    {
        var outcome = await s_tool.RunAsync($"[suggest:{line.Length}]", line);

        Assert.That((outcome.Code, outcome.Error), Is.EqualTo((0, "")));
        var offered = outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(offered.Where(item => expected.Length > 0 || !item.StartsWith('-')), Is.EqualTo(expected));
    }

    [Test]
    public async Task Suggest_ARun_OffersTheLatestFirst()
    {
        var outcome = await s_tool.RunAsync("[suggest:16]", "mlops runs show ");
        var toTheEnd = await s_tool.RunAsync("[suggest]", "mlops runs show ");
        var unpadded = await s_tool.RunAsync("[suggest:16]", "mlops runs show");

        Assert.That(outcome.Lines.Take(3), Is.EqualTo(SampleWorkspace.Experiments.Reverse()));
        Assert.That(toTheEnd.Out, Is.EqualTo(outcome.Out));
        Assert.That(unpadded.Out, Is.EqualTo(outcome.Out), "PowerShell leaves the blank at the end out");
    }

    [TestCase("bash", "complete ")]
    [TestCase("zsh", "compdef ")]
    [TestCase("fish", "complete -c mlops")]
    [TestCase("pwsh", "Register-ArgumentCompleter")]
    public async Task Completion_OfAShell_IsAScriptThatAsksTheTool(string shell, string registration)
    {
        var outcome = await new Mlops().RunAsync("completion", shell);

        Assert.That(outcome.Out, Does.Contain(registration).And.Contain("[suggest"));
    }
}
