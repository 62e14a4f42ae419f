using System.Threading.Channels;
using Acme;
using Microsoft.Data.Sqlite;
using MlOps.Sdk.Collection;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The code of the collection page about queries, streams and comparisons, run.</summary>
[TestFixture]
public sealed class QueriesAndStreamsTests
{
    [Test]
    public async Task Orders_TwoRuns_ReadWhatIsNew()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await using var database = SqliteFactory.Instance.CreateDataSource(
            $"Data Source={Path.Combine(folder.Path, "shop.db")};Pooling=False");
        async Task ExecuteAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        await ExecuteAsync("CREATE TABLE orders(id INTEGER PRIMARY KEY, customer TEXT, amount REAL, region TEXT)");
        await ExecuteAsync("INSERT INTO orders VALUES (1, 'a', 2.5, 'EU'), (2, 'b', 3, 'US'), (3, 'c', 4, 'EU')");
        var lifecycle = LifecycleBuilder.Create("orders").CollectData(data => QueriesAndStreams.Orders(data, database)).Build();

        var first = await lifecycle.RunAsync(workspace);
        await ExecuteAsync("INSERT INTO orders VALUES (4, 'd', 5, 'EU')");
        var second = await lifecycle.RunAsync(workspace);

        Assert.That(
            (first.Collection!.Rows, second.Collection!.Rows, second.Collection.Sources[0].Query!.Contains(
                "region = @region",
                StringComparison.Ordinal)),
            Is.EqualTo((2, 1, true)));
        var page = Path.Combine(folder.Path, "comparison.html");
        Assert.That(await QueriesAndStreams.CompareAsync(workspace, first.Id, second.Id, page), Is.False, "too few rows to judge");
        Assert.That(await File.ReadAllTextAsync(page), Does.Contain("not enough data"));
    }

    [Test]
    public async Task Windows_Readings_AreCutAndProcessed()
    {
        var channel = Channel.CreateUnbounded<QueriesAndStreams.Reading>();
        var noon = new DateTime(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < 20; i++) channel.Writer.TryWrite(new QueriesAndStreams.Reading("a", i == 3 ? 500 : i, noon.AddMinutes(i / 2)));
        channel.Writer.TryWrite(new QueriesAndStreams.Reading("a", 1, noon));
        channel.Writer.Complete();

        Assert.That(
            await QueriesAndStreams.WindowsAsync(channel.Reader, CancellationToken.None),
            Is.EqualTo(new[] { "12:00 9 rows, 1 quarantined, 0 late", "12:05 10 rows, 0 quarantined, 1 late" }));
    }
}
