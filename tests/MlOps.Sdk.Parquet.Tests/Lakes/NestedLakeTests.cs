using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests.Lakes;

/// <summary>Lakes below the prefix of other lakes, and readers of other prefixes than the one written to.</summary>
[TestFixture]
public sealed class NestedLakeTests : LakeFixture
{
    private sealed record Score(long Id, long Year);

    private static Dataset Scores(int from, int count) =>
        Tables.Of([.. Enumerable.Range(from, count).Select(i => new Score(i, 2024 + i % 2))]);

    private Task WriteAsync(string prefix, string table, Dataset rows, params string[] partitionBy) => rows.WriteToAsync(
        DataSinks.ParquetObjects(Store, prefix, partitionBy, parquet => parquet.UnfinishedAge = TimeSpan.Zero), table);

    private async Task<int> CountAsync(string prefix) => (await RowsAsync(Source(Store, prefix))).Length;

    [TestCase("", "churn")]
    [TestCase("scores", "scores/churn")]
    [TestCase("scores", "scores/eu/churn")]
    public async Task WriteToAsync_AnotherLakeBelow_KeepsItsFiles(string outer, string inner)
    {
        await WriteAsync(inner, "run", Scores(0, 20));
        await WriteAsync(inner, "other", Scores(0, 3));
        var files = Files(inner);

        await WriteAsync(outer, "run", Scores(0, 10), "year");
        await WriteAsync(outer, "run", Scores(0, 8), "year");

        Assert.That(Files(inner).Where(file => files.Contains(file)), Is.EqualTo(files));
        Assert.That(await CountAsync(inner), Is.EqualTo(23));
    }

    // Its first table is being written, so that no manifest says yet that it is a lake.
    [TestCase("")]
    [TestCase("scores")]
    public async Task WriteToAsync_LakeBelowWithoutAManifest_KeepsItsFiles(string outer)
    {
        var inner = outer.Length == 0 ? "churn" : $"{outer}/churn";
        await WriteAsync(inner, "run", Scores(0, 20));
        foreach (var manifest in Files($"{inner}/_mlops")) await Store.DeleteAsync(manifest);
        var files = Files(inner);

        await WriteAsync(outer, "run", Scores(0, 10), "year");

        Assert.That(Files(inner), Is.EqualTo(files).And.Not.Empty);
    }

    [Test]
    public async Task OpenAsync_PrefixAboveTheLakes_ReadsThemAll()
    {
        await WriteAsync("scores/churn", "run", Scores(0, 20), "year");
        await WriteAsync("scores/fraud", "run", Scores(100, 7), "year");
        await WriteAsync("scores/fraud", "run", Scores(200, 5), "year");

        Assert.That(await CountAsync("scores"), Is.EqualTo(25));
        Assert.That(await CountAsync(""), Is.EqualTo(25));
        var (rows, _, _) = await ScanAsync(DataSources.ParquetFolder(Path.Combine(LakePath, "scores")), ReadRequest.All);
        Assert.That(rows, Has.Length.EqualTo(25));
    }

    [Test]
    public async Task OpenAsync_FolderOfAPartition_SaysWhichPrefixToRead()
    {
        await WriteAsync("scores/churn", "run", Scores(0, 20), "year");

        Assert.That(
            async () => await CountAsync("scores/churn/year=2024"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("the prefix it was written to"));
        Assert.That(
            async () => await RowsAsync(DataSources.ParquetFolder(Path.Combine(LakePath, "scores/churn/year=2024"))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("the prefix it was written to"));
        Assert.That(
            await RowsAsync(Source(Store, "scores/churn", objects => objects.Pattern = "year=2024/*.parquet")), Has.Length.EqualTo(10));
    }

    [Test]
    public async Task ParquetFolder_FilesOfATable_AreCountedAndNoted()
    {
        await WriteAsync("t", "run", Scores(0, 20), "year");
        var folder = Path.Combine(LakePath, "t");
        var file = Files("t").First(name => name.EndsWith(".parquet", StringComparison.Ordinal));
        var left = file.Replace("lake-", $"lake-{new string('0', 32)}-{new string('0', 32)}-00000.parquet|", StringComparison.Ordinal);
        File.Copy(Path.Combine(LakePath, file), Path.Combine(LakePath, left.Split('|')[0]));

        var (rows, _, notes) = await ScanAsync(DataSources.ParquetFolder(folder), ReadRequest.All);
        Assert.That(rows, Has.Length.EqualTo(20));
        Assert.That(notes.Single(), Does.Contain("t: 1 files").And.Contain("not completely written"));
        Assert.That(await RowsAsync(DataSources.ParquetFolder(folder, glob: "year=2025/*.parquet")), Has.Length.EqualTo(10));

        await Store.DeleteAsync(file);
        Assert.That(
            async () => await RowsAsync(DataSources.ParquetFolder(folder)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("lacks files"));
    }
}
