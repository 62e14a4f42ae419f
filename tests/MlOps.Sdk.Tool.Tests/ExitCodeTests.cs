using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class ExitCodeTests
{
    [TestCase(0, "--help")]
    [TestCase(0, "--version")]
    [TestCase(0, "runs", "list")]
    [TestCase(0, "runs", "list", "--lifecycle", "nobody")]
    [TestCase(0, "search", "metrics.roc_auc > 0.8")]
    [TestCase(0, "models", "list")]
    [TestCase(0, "audit", "verify")]
    [TestCase(0, "audit", "anchor")]
    [TestCase(0, "audit", "export")]
    [TestCase(0, "approvals", "list")]
    [TestCase(0, "card", "churn")]
    [TestCase(0, "models", "compare", "churn", "1", "2")]
    [TestCase(0, "models", "changes", "churn")]
    [TestCase(0, "models", "list", "--tag", "team=nobody")]
    [TestCase(0, "gc", "--dry-run")]
    [TestCase(0, "drift", "{rows}", "{alike}")]
    [TestCase(1, "drift", "{rows}", "{shifted}")]
    [TestCase(1, "audit", "verify", "--head", "0000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase(2)]
    [TestCase(2, "runs")]
    [TestCase(2, "models", "alias")]
    [TestCase(2, "audit", "verify", "--head", "0000")]
    [TestCase(2, "backup", "verify", "backup", "--head", "deadbeef")]
    [TestCase(2, "restore", "backup", "new", "--head", "deadbeef")]
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
    [TestCase(2, "approve", "1")]
    [TestCase(2, "approve", "one", "--reason", "x")]
    [TestCase(2, "approve", "1", "--reason", "x", "--role", " ")]
    [TestCase(2, "approvals", "list", "--state", "Forgotten")]
    [TestCase(2, "card", "churn", "--markdown", "--json")]
    [TestCase(2, "models", "compare", "churn", "1", "1")]
    [TestCase(2, "models", "delete", "churn", "1")]
    [TestCase(2, "models", "tag", "churn", "", "x")]
    [TestCase(2, "models", "alias", "set", "churn", "champion", "1", "--reason", "x")]
    [TestCase(2, "models", "alias", "set", "churn", "A B", "1", "--reason", "x")]
    [TestCase(2, "audit", "export", "--format", "xlsx")]
    [TestCase(2, "audit", "export", "--json")]
    [TestCase(2, "audit", "export", "--from", "yesterday")]
    [TestCase(2, "audit", "verify", "--anchor", "a.txt", "--head", "0000")]
    [TestCase(2, "backup")]
    [TestCase(2, "restore", "backup")]
    [TestCase(2, "export", "new.zip", "metrics.auc >")]
    [TestCase(2, "export", "mlflow")]
    [TestCase(2, "export", "mlflow", "--server", "mlflow")]
    [TestCase(2, "export", "mlflow", "--server", "http://mlflow.example.com")]
    [TestCase(2, "runs", "log", "x", "--level", "Loud")]
    [TestCase(2, "runs", "log", "x", "--after", "-1")]
    [TestCase(3, "runs", "show", "nobody")]
    [TestCase(3, "runs", "metrics", "{run}", "--name", "los")]
    [TestCase(3, "export", "none.zip", "tag.team = nobody")]
    [TestCase(3, "rollback", "chrun", "--reason", "x")]
    [TestCase(3, "runs", "list", "--after", "nowhere")]
    [TestCase(3, "promote", "churn", "9", "--reason", "x")]
    [TestCase(3, "models", "show", "chrun")]
    [TestCase(3, "profile", "nowhere.csv")]
    [TestCase(3, "approve", "99", "--reason", "x", "--role", "risk-officer")]
    [TestCase(3, "reject", "99", "--reason", "x")]
    [TestCase(3, "approvals", "show", "99")]
    [TestCase(3, "approvals", "list", "--model", "chrun")]
    [TestCase(3, "card", "churn", "9")]
    [TestCase(3, "card", "chrun")]
    [TestCase(3, "models", "compare", "churn", "1", "9")]
    [TestCase(3, "models", "changes", "chrun")]
    [TestCase(3, "models", "tag", "chrun", "team", "x")]
    [TestCase(3, "models", "archive", "churn", "2", "--reason", "it is live")]
    [TestCase(3, "models", "alias", "remove", "churn", "candidate", "--reason", "x")]
    [TestCase(3, "audit", "verify", "--anchor", "nowhere.txt")]
    [TestCase(3, "audit", "verify", "--anchor", "{rows}")]
    [TestCase(3, "backup", "verify", "nowhere")]
    [TestCase(3, "restore", "nowhere", "{rows}.new")]
    [TestCase(3, "export", "{rows}")]
    [TestCase(3, "export", "{rows}.zip", "--model", "chrun")]
    [TestCase(3, "export", "{rows}.zip", "--run", "nobody")]
    [TestCase(3, "import", "nowhere.zip")]
    [TestCase(3, "import", "{rows}")]
    [TestCase(3, "runs", "log", "nobody")]
    [TestCase(3, "runs", "leaderboard", "nobody")]
    [TestCase(3, "drift", "{rows}", "run:nobody")]
    public async Task RunAsync_CommandLine_EndsWithItsCode(int code, params string[] arguments)
    {
        var tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } };

        var outcome = await tool.RunAsync([.. arguments.Select(argument => argument
            .Replace("{rows}", SampleWorkspace.Rows, StringComparison.Ordinal)
            .Replace("{run}", SampleWorkspace.Experiments[0], StringComparison.Ordinal)
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
