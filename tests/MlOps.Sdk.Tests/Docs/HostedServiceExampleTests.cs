using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The example of a web application, started as a process and asked over HTTP.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "It is ended by a signal.")]
public sealed class HostedServiceExampleTests
{
    [Test]
    public async Task HostedService_Started_TrainsServesLearnsAndStopsCleanly()
    {
        using var folder = new TempFolder();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));

        // The build of the tests has made it.
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var built = Path.Combine(Repository.Root, "examples", "HostedService", "bin", output.Parent!.Name, output.Name);
        await using var server = await WebProcess.StartAsync(
            folder.Path,
            Path.Combine(built, "HostedService.dll"),
            "--contentRoot",
            built,
            $"--MlOps:Workspace={folder["workspace"]}");
        var http = server.Client;

        // Until the first version is live, the host is not ready, and a call says so.
        var early = await http.PostAsJsonAsync("/predictions", Customer(0), patience.Token);
        Assert.That(early.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable).Or.EqualTo(HttpStatusCode.OK));
        await server.WaitForAsync("/health/ready");

        var labels = new Dictionary<string, string>();
        for (var i = 0; i < 60; i++)
        {
            var answer = await ReadAsync(await http.PostAsJsonAsync("/predictions", Customer(i), patience.Token));
            Assert.That(answer.GetProperty("version").GetInt32(), Is.EqualTo(1));
            Assert.That(answer.GetProperty("value").GetProperty("probability").GetDouble(), Is.InRange(0, 1));
            labels[answer.GetProperty("id").GetString()!] = i % 3 == 0 ? "Yes" : "No";
        }

        var receipt = await ReadAsync(await http.PostAsJsonAsync("/labels", labels, patience.Token));
        var retraining = await ReadAsync(await http.PostAsJsonAsync("/retrainings", new { reason = "a test" }, patience.Token));
        var page = await http.GetStringAsync("/exploration", patience.Token);
        var run = await http.GetStringAsync("/run", patience.Token);
        var bad = await http.PostAsJsonAsync("/predictions", new { tenure = 1 }, patience.Token);
        var wrong = await http.PostAsJsonAsync(
            "/labels", new Dictionary<string, string> { [labels.Keys.First()] = "maybe" }, patience.Token);
        Assert.Multiple(async () =>
        {
            Assert.That(receipt.GetProperty("added").GetInt32(), Is.EqualTo(60));
            Assert.That(retraining.GetProperty("outcome").GetString(), Is.EqualTo("Ran"));
            Assert.That(page, Does.Contain("<html").And.Contain("Customer churn"));
            Assert.That(run, Does.Contain("Leaderboard").And.Contain("ROC curve"));
            Assert.That(bad.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(await bad.Content.ReadAsStringAsync(), Does.Contain("internetService"));
            Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(await wrong.Content.ReadAsStringAsync(), Does.Contain("maybe"));
        });

        var (exitCode, written) = await server.TerminateAsync();
        Assert.That(exitCode, Is.Zero);
        Assert.That(
            written, Does.Not.Contain("fail: MlOps").And.Not.Contain("fail: Microsoft.AspNetCore").And.Not.Contain("crit:"));
    }

    private static object Customer(int i) => new
    {
        tenure = i,
        contract = i % 2 == 0 ? "Month-to-month" : "Two year",
        internetService = "DSL",
        paymentMethod = "Mailed check",
        monthlyCharges = 20.5 + i,
        totalCharges = (20.5 + i) * i,
    };

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
