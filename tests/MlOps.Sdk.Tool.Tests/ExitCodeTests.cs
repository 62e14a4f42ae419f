using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class ExitCodeTests
{
    [TestCase(0, "--help")]
    [TestCase(0, "--version")]
    [TestCase(0, "runs")]
    [TestCase(0, "runs", "list")]
    [TestCase(0, "runs", "list", "--lifecycle", "nobody")]
    [TestCase(0, "search", "metrics.roc_auc > 0.8")]
    [TestCase(0, "models", "list")]
    [TestCase(0, "audit", "verify")]
    [TestCase(0, "gc", "--dry-run")]
    [TestCase(0, "drift", "{rows}", "{alike}")]
    [TestCase(1, "drift", "{rows}", "{shifted}")]
    [TestCase(1, "audit", "verify", "--head", "0000")]
    [TestCase(2, "runs", "lst")]
    [TestCase(2, "runs", "list", "--limit", "0")]
    [TestCase(2, "runs", "list", "--limit", "ten")]
    [TestCase(2, "runs", "list", "--state", "Sleeping")]
    [TestCase(2, "runs", "list", "--order-by", "colour")]
    [TestCase(2, "runs", "list", "--desc")]
    [TestCase(2, "runs", "list", "--show", "colour")]
    [TestCase(2, "runs", "show")]
    [TestCase(2, "runs", "show", "2026")]
    [TestCase(2, "search", "metrics.roc_auc >")]
    [TestCase(2, "compare", "one")]
    [TestCase(2, "promote", "churn", "1")]
    [TestCase(2, "promote", "churn", "1", "--reason", " ")]
    [TestCase(2, "promote", "churn", "one", "--reason", "x")]
    [TestCase(2, "profile", "rows.xlsx")]
    [TestCase(2, "profile", "{rows}", "--delimiter", "ab")]
    [TestCase(2, "drift", "{rows}", "{alike}", "--significance", "2")]
    [TestCase(2, "score", "churn", "{rows}", "--output", "{rows}")]
    [TestCase(2, "completion", "tcsh")]
    [TestCase(2, "gc", "--keep-days", "-1")]
    [TestCase(3, "runs", "show", "nobody")]
    [TestCase(3, "runs", "list", "--after", "nowhere")]
    [TestCase(3, "promote", "churn", "9", "--reason", "x")]
    [TestCase(3, "models", "show", "chrun")]
    [TestCase(3, "profile", "nowhere.csv")]
    [TestCase(3, "drift", "{rows}", "run:nobody")]
    public async Task RunAsync_CommandLine_EndsWithItsCode(int code, params string[] arguments)
    {
        var tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } };

        var outcome = await tool.RunAsync([.. arguments.Select(argument => argument
            .Replace("{rows}", SampleWorkspace.Rows, StringComparison.Ordinal)
            .Replace("{alike}", SampleWorkspace.Alike, StringComparison.Ordinal)
            .Replace("{shifted}", SampleWorkspace.Shifted, StringComparison.Ordinal))]);

        Assert.Multiple(() =>
        {
            Assert.That(outcome.Code, Is.EqualTo(code), outcome.Error);
            Assert.That(outcome.Error, code <= 1 ? Is.Empty : Is.Not.Empty, "only what is wrong is said on the error output");
            Assert.That(outcome.Out, code <= 1 ? Is.Not.Empty : Is.Empty, "only results are written to the output");
            Assert.That(outcome.Error, Does.Not.Contain("   at ").And.Not.Contain("unexpected"), "no stack trace");
        });
    }

    [Test]
    public async Task RunAsync_Cancelled_EndsAsShellsExpect()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var tool = new Mlops { Cancellation = cancelled.Token };

        var outcome = await tool.RunAsync("profile", SampleWorkspace.Rows);

        Assert.That((outcome.Code, outcome.Out, outcome.Error), Is.EqualTo((130, "", "Cancelled.\n")));
    }

    [Test]
    public async Task RunAsync_Verbose_ShowsWhereAFailureCameFrom()
    {
        var outcome = await new Mlops().RunAsync("profile", "nowhere.csv", "--verbose");

        Assert.That(outcome.Code, Is.EqualTo(3));
        Assert.That(outcome.Error, Does.StartWith("There is no file 'nowhere.csv'.").And.Contain("   at MlOps.Sdk.Tool."));
    }
}
