using System.Globalization;
using DuckDB.NET.Data;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.DuckDb.Tests;

/// <summary>No transaction keeps a file from changing between two statements.</summary>
internal sealed class ChangedFilesTests
{
    private TempFolder _folder;

    [SetUp]
    public void CreateFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void CheckAsync_FileGrowsBetweenStatements_IsAnError()
    {
        Write("a.csv", 10, 1);
        var table = At("rows that fail", () => Write("a.csv", 100, 999)).Query($"SELECT * FROM '{_folder["a.csv"]}'");

        Assert.That(
            () => table.CheckAsync(check => check.Expect(rows => rows.Column("a").Between(0, 10))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [TestCase("SELECT * FROM 'FOLDER/a.csv'")]
    [TestCase("SELECT * FROM \"FOLDER/a.csv\"")]
    [TestCase("SELECT * FROM read_csv(['FOLDER/*.csv'])")]
    public void ProfileAsync_OtherRowsOfEqualNumberBetweenStatements_IsAnError(string sql)
    {
        Write("a.csv", 10, 1);
        var table = At("values of 'b'", () => Write("a.csv", 10, 5_000))
            .Query(sql.Replace("FOLDER", _folder.Path, StringComparison.Ordinal));

        Assert.That(() => table.ProfileAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    // Nobody can tell which file this is: the counts of each statement are all that there is, as on a database without snapshots.
    [TestCase("rows that fail")]
    [TestCase("duplicates of 'a'")]
    [TestCase("values of 'b'")]
    public void CheckAsync_RowsComeBeforeAnyStatement_IsAnErrorByTheirCounts(string step)
    {
        Write("a.csv", 10, 1);
        var table = At(step, () => Write("a.csv", 100, 1)).Query($"SELECT * FROM read_csv('{_folder.Path}' || '/a.csv')");

        Assert.That(
            () => table.CheckAsync(check => check
                .Expect(rows => rows.Column("a").Between(0, 1_000))
                .Expect(rows => rows.Column("a").Unique())
                .Expect(rows => rows.Column("b").In("1", "2"))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [TestCase("values of 'a'")]
    [TestCase("first rows")]
    public void ProfileAsync_RowsComeBeforeAnyStatement_IsAnErrorByTheirCounts(string step)
    {
        Write("a.csv", 10, 1);
        var table = At(step, () => Write("a.csv", 100, 1)).Query($"SELECT * FROM read_csv('{_folder.Path}' || '/a.csv')");

        Assert.That(() => table.ProfileAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [Test]
    public void ProfileAsync_FileComesToThoseOfAPattern_IsAnError()
    {
        Write("a.csv", 10, 1);
        var table = At("first rows", () => Write("b.csv", 10, 1)).Query($"SELECT * FROM '{_folder.Path}/*.csv'");

        Assert.That(() => table.ProfileAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [Test]
    public void ProfileAsync_FileBehindAViewChanges_IsAnError()
    {
        Write("a.csv", 10, 1);
        using (var database = new DuckDBConnection($"DataSource={_folder["views.duckdb"]}"))
        {
            database.Open();
            using var command = database.CreateCommand();
            command.CommandText = $"CREATE VIEW v AS SELECT * FROM '{_folder["a.csv"]}'; CREATE VIEW w AS SELECT * FROM v";
            command.ExecuteNonQuery();
        }

        var table = At("first rows", () => Write("a.csv", 10, 5_000), duck => duck.DatabaseFile = _folder["views.duckdb"]).Table("w");

        Assert.That(() => table.ProfileAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [Test]
    public async Task ProfileAsync_NothingOfTheQueryChanges_GivesTheProfile()
    {
        Write("a.csv", 10, 1);
        var table = At("first rows", () => Write("other.csv", 3, 1)).Query(
            $"SELECT *, 'it''s * [no] file' AS c, '*' AS d FROM '{_folder["a.csv"]}'; -- a comment; with a semicolon");

        var profile = await table.ProfileAsync();

        Assert.That(profile.RowCount, Is.EqualTo(10));
    }

    [Test]
    public async Task ReadAsync_FileChangesAfterItsHash_IsAnErrorOfEachReading()
    {
        Write("a.csv", 10, 1);
        var source = DataSources.DuckDb($"SELECT * FROM '{_folder["a.csv"]}' WHERE a > $after ORDER BY a", duck =>
        {
            duck.Files.Add(_folder["a.csv"]);
            duck.Reading.Increasing("a", parameter: "after");
        });
        await using var scan = await source.OpenAsync(ReadRequest.All);
        Write("a.csv", 10, 7_000);

        Assert.That(() => ReadAsync(scan), Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
        Assert.That(() => ReadAsync(scan), Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [Test]
    public async Task ReadAsync_FileIsWrittenWithTheSameBytes_GivesItsRows()
    {
        Write("a.csv", 10, 1);
        var source = DataSources.DuckDb($"SELECT * FROM '{_folder["a.csv"]}'", duck => duck.Files.Add(_folder["a.csv"]));
        await using var scan = await source.OpenAsync(ReadRequest.All);
        File.SetLastWriteTimeUtc(_folder["a.csv"], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.That(await ReadAsync(scan), Is.EqualTo(10));
    }

    private static async Task<long> ReadAsync(IDataScan scan)
    {
        long rows = 0;
        await foreach (var batch in scan.ReadAsync()) rows += batch.RowCount;
        return rows;
    }

    private static Warehouse At(string step, Action action, Action<DuckDbOptions>? configure = null) => Warehouse.DuckDb(duck =>
    {
        configure?.Invoke(duck);
        duck.Asking.Progress = new Steps(now =>
        {
            if (now.Step == step) action();
        });
    });

    private void Write(string name, int rows, int first) => _folder.Write(name, "a,b\n" + string.Join('\n', Enumerable.Range(first, rows)
        .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row},{row}"))));

    private sealed class Steps(Action<WarehouseProgress> told) : IProgress<WarehouseProgress>
    {
        public void Report(WarehouseProgress value) => told(value);
    }
}
