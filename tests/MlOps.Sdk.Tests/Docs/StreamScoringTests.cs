using System.Diagnostics;
using Dapper;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The example that scores a stream of NATS, with a server whose address is in the environment variable MLOPS_NATS.</summary>
[TestFixture]
[NonParallelizable]
public sealed class StreamScoringTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void RequireServer()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_NATS") is not { Length: > 0 })
        {
            Assert.Ignore("MLOPS_NATS is not set to the address of a NATS server with JetStream.");
        }
        _folder = new TempFolder();
    }

    [TearDown]
    public void Delete() => _folder?.Dispose();

    [Test]
    [LongForm]
    public async Task Started_ScoresCountsEachMessageOnceAndPublishesAnAlert()
    {
        var output = await RunAsync();

        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Match("customers as they were: 2,200 messages, .* answered, .* counted, 0 of 5 measurements changed"));
            Assert.That(output, Does.Contain(
                "prices rise by 60 %: 2,200 messages, 2,200 answered, 2,000 predictions counted, 1 of 5 measurements changed"));
            Assert.That(output, Does.Contain("From the subject alerts.customer-churn: customer-churn: data drift."));
            Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty, "it cleans up");
        });
    }

    [Test]
    [LongForm]
    public async Task Score_KilledAgainAndAgain_AnswersEachMessageAndCountsNoneTwice()
    {
        const int count = 3_000;
        var prefix = Guid.NewGuid().ToString("N");
        var workspace = _folder["workspace"];
        await RunAsync("publish", prefix, $"{count}");

        // The first line tells of the training, the others of a batch each.
        foreach (var lines in new[] { 1, 1, 2 }) await KillAfterAsync(lines, workspace);
        await RunAsync("score", workspace);

        await using var opened = await Workspace.OpenAsync(workspace);
        var (ids, counted) = await opened.Store.ReadAsync(
            connection => (
                connection.Query<string>("SELECT id FROM predictions").ToArray(),
                connection.ExecuteScalar<long>("SELECT sum(rows) FROM monitoring_panes")),
            CancellationToken.None);
        Assert.That(ids, Is.Unique);
        Assert.That(ids, Is.SupersetOf(Enumerable.Range(0, count).Select(i => PredictionId.FromKey($"{prefix}-{i}").ToString())));
        Assert.That(counted, Is.InRange(ids.Length / 2, ids.Length), "a kill may leave some out, and counts none twice");
    }

    private async Task KillAfterAsync(int lines, string workspace)
    {
        using var process = Process.Start(Start("score", workspace))!;
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            for (; lines > 0; lines--)
            {
                var line = await process.StandardOutput.ReadLineAsync(patience.Token);
                Assert.That(line, Is.Not.Null, $"it ended before it was killed: {(line is null ? await errors : "")}");
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private Task<string> RunAsync(params string[] arguments) => Dotnet.RunAsync(Start(arguments));

    private ProcessStartInfo Start(params string[] arguments)
    {
        // The build of the tests has made it.
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var assembly = Path.Combine(
            Repository.Root, "examples", "StreamScoring", "bin", output.Parent!.Name, output.Name, "StreamScoring.dll");
        var start = Dotnet.Command(_folder.Path, [assembly, .. arguments]);
        start.Environment["NATS_URL"] = Environment.GetEnvironmentVariable("MLOPS_NATS");
        return start;
    }
}
