using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.DuckDb.Tests;

/// <summary>Times that .NET does not have.</summary>
internal sealed class InfiniteTimesTests
{
    private static IEnumerable<string> Types => ["TIMESTAMP", "TIMESTAMPTZ", "DATE"];

    [TestCaseSource(nameof(Types))]
    public void AnyQuestion_InfiniteTime_NamesTheColumn(string type)
    {
        var table = Warehouse.DuckDb().Query(
            $"SELECT i, t::{type} AS \"it's\" FROM (VALUES (1, '2024-02-29'), (2, 'infinity')) AS v(i, t)");
        string[] key = ["it's"];

        foreach (var question in new Func<Task>[]
        {
            () => table.ProfileAsync(), () => table.CompareAsync(table), () => table.SplitAsync("split", 0.5, key),
            () => table.CheckAsync(check => check.Expect(rows => rows.Column("it's").Between(0, 1))),
        })
        {
            Assert.That(question, Throws.TypeOf<MlOpsException>().With.Message.Contains("it's").And.Property("Remedy").Contains("by null"));
        }
    }

    [TestCaseSource(nameof(Types))]
    public async Task ProfileAsync_FiniteAndMissingTimes_AreRead(string type)
    {
        var table = Warehouse.DuckDb().Query($"SELECT t::{type} AS t FROM (VALUES ('2024-02-29'), (NULL)) AS v(t)");

        var column = (await table.ProfileAsync()).Columns[0];

        Assert.That(column.Missing, Is.EqualTo(1));
        Assert.That(column.Times!.First, Is.EqualTo(new DateTime(2024, 2, 29, 0, 0, 0, DateTimeKind.Utc)));
    }
}
