using DuckDB.NET.Data;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.DuckDb.Tests;

/// <summary>Queries over files as a source, and what DuckDB may not do by itself.</summary>
internal sealed class DuckDbSourceTests
{
    private TempFolder _folder;

    [SetUp]
    public void CreateFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task ReadAllAsync_ParquetCsvAndJson_AreJoinedInOneQuery()
    {
        Run("COPY (SELECT i AS id, i * 0.5 AS amount FROM range(5) AS r(i)) TO 'FOLDER/a.parquet' (FORMAT parquet)");
        _folder.Write("b.csv", "id,name\n1,one\n3,three\n");
        _folder.Write("c.json", "{\"id\": 3, \"flag\": true}\n{\"id\": 1, \"flag\": false}\n");
        var source = DataSources.DuckDb(
            $"SELECT a.id, amount, name, flag FROM '{_folder["a.parquet"]}' a JOIN '{_folder["b.csv"]}' b USING (id) " +
            $"JOIN '{_folder["c.json"]}' c USING (id) WHERE amount >= $least ORDER BY a.id",
            duck => duck.Reading.Parameters["least"] = 0.5);

        var rows = await source.ReadAllAsync();

        ColumnType[] types = [ColumnType.Integer, ColumnType.Number, ColumnType.Text, ColumnType.Boolean];
        Assert.That(rows.Schema.Select(field => field.Type), Is.EqualTo(types));
        Assert.That(((TextColumn)rows["name"]).GetText(1), Is.EqualTo("three"));
        Assert.That(rows["flag"].GetNumber(0), Is.Zero);
    }

    [Test]
    public async Task Version_FilesNamed_ChangesWithTheirContentOnly()
    {
        var path = _folder.Write("a.csv", "x\n1\n2\n");
        var source = DataSources.DuckDb($"SELECT * FROM '{_folder.Path}/*.csv'", duck => duck.Files.Add($"{_folder.Path}/**/*.csv"));
        var first = await VersionOf(source);

        Assert.That(first, Is.Not.Null);
        Assert.That(await VersionOf(source), Is.EqualTo(first));
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.That(await VersionOf(source), Is.EqualTo(first));
        _folder.Write("b.csv", "x\n3\n");
        Assert.That(await VersionOf(source), Is.Not.EqualTo(first));
    }

    [Test]
    public void OpenAsync_NamedFileIsMissing_SaysWhich()
    {
        var source = DataSources.DuckDb("SELECT 1", duck => duck.Files.Add(_folder["*.parquet"]));

        Assert.That(() => VersionOf(source), Throws.TypeOf<MlOpsException>().With.Message.Contains("*.parquet"));
    }

    [Test]
    public async Task OpenAsync_Defaults_LoadNoExtensionAndWriteNothing()
    {
        Run("CREATE TABLE t AS SELECT 1 AS x", _folder["t.duckdb"]);
        var file = _folder["t.duckdb"];
        var settings = await DataSources.DuckDb(
            "SELECT name, value FROM duckdb_settings() " +
            "WHERE name IN ('autoload_known_extensions', 'autoinstall_known_extensions', 'TimeZone')")
            .ReadAllAsync();
        var warehouse = Warehouse.DuckDb(duck => duck.DatabaseFile = file);

        Assert.That(
            Enumerable.Range(0, settings.RowCount).Select(row => (settings["name"].GetText(row), settings["value"].GetText(row))),
            Is.EquivalentTo(new[]
            {
                ("autoload_known_extensions", "false"), ("autoinstall_known_extensions", "false"), ("TimeZone", "UTC"),
            }));
        Assert.That(await warehouse.Table("t").SchemaAsync(), Is.EqualTo(new Schema(new Field("x", ColumnType.Integer))));
        Assert.That(
            () => DataSources.DuckDb("INSERT INTO t VALUES (2) RETURNING x", duck => duck.DatabaseFile = file).ReadAllAsync(),
            Throws.InstanceOf<Exception>().With.Message.Contains("read-only"));
    }

    [Test]
    public void SchemaAsync_UnsupportedType_NamesTheColumn()
    {
        var table = Warehouse.DuckDb().Query("SELECT 1 AS a, [1, 2] AS \"a list\"");

        Assert.That(
            () => table.ProfileAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("a list").And.Property(nameof(MlOpsException.Column)).EqualTo("a list"));
    }

    [Test]
    public async Task ProfileAsync_AllWidths_AreRead()
    {
        var profile = await Warehouse.DuckDb().Query(
            "SELECT 1::TINYINT a, 2::SMALLINT b, 3::UINTEGER c, 18446744073709551615::UBIGINT d, 1.25::DECIMAL(9, 2) e, 0.1::FLOAT f, " +
            "DATE '2024-02-29' g, TIMESTAMPTZ '2024-02-29 00:00:00+02' h, 'x'::VARCHAR i, uuid() j").ProfileAsync();
        var byName = profile.Columns.ToDictionary(column => column.Name);

        Assert.That(byName["d"].Maximum, Is.EqualTo((double)ulong.MaxValue));
        Assert.That(byName["e"].Mean, Is.EqualTo(1.25));
        Assert.That(byName["f"].Mean, Is.EqualTo(0.1), "A float is the number that it prints, as everywhere.");
        Assert.That(byName["g"].Times!.First, Is.EqualTo(new DateTime(2024, 2, 29, 0, 0, 0, DateTimeKind.Utc)));
        Assert.That(byName["h"].Times!.First, Is.EqualTo(new DateTime(2024, 2, 28, 22, 0, 0, DateTimeKind.Utc)));
        Assert.That(byName["j"].Mean, Is.EqualTo(36), "the length of a UUID");
    }

    [TestCase("SELECT x::DOUBLE AS x FROM (VALUES (1.7e308), (-1.7e308), (0), (5e-324)) AS t(x), range(3000)")]
    [TestCase("SELECT (1e9 + i * 1e-7)::DOUBLE AS x FROM range(20000) AS t(i)")]
    [TestCase("SELECT exp(i / 100.0)::DOUBLE AS x FROM range(-20000, 20000) AS t(i)")]
    [TestCase("SELECT CASE WHEN i = 0 THEN 1e15 ELSE (i % 7919) * 1e-3 END::DOUBLE AS x FROM range(20000) AS t(i)")]
    [TestCase("SELECT CASE WHEN i % 2 = 0 THEN -exp(i / 100.0) ELSE exp(-i / 100.0) END::DOUBLE AS x FROM range(-20000, 20000) AS t(i)")]
    [TestCase("SELECT (i * 5e-324)::DOUBLE AS x FROM range(20000) AS t(i)")]
    public async Task ProfileAsync_StrangeNumbers_AreThoseOfMemory(string sql)
    {
        var rows = await DataSources.DuckDb(sql).ReadAllAsync();
        var memory = Exploration.DatasetProfile.Of(rows).Columns[0];

        var column = (await Warehouse.DuckDb().Query(sql).ProfileAsync()).Columns[0];

        Assert.That((column.Count, column.Minimum, column.Maximum), Is.EqualTo((memory.Count, memory.Minimum, memory.Maximum)));
        double[] sorted = [.. Enumerable.Range(0, rows.RowCount).Select(rows.Columns[0].GetNumber).Order()];

        // About the smallest value, for those that are far from zero; and enlarged, for those that are close to it.
        var factor = sorted[^1] < 1e-300 ? Math.ScaleB(1, 500) : 1;
        var offsets = Array.ConvertAll(sorted, value => value * factor - sorted[0] * factor);
        var mean = offsets.Average();
        var deviation = Math.Sqrt(offsets.Sum(offset => (offset - mean) * (offset - mean)) / (offsets.Length - 1));
        if (double.IsFinite(deviation))
        {
            Assert.That(column.Mean, Is.EqualTo(sorted[0] + mean / factor).Within(1e-12 * Math.Abs(sorted[^1]) + double.Epsilon));
            Assert.That(column.StandardDeviation, Is.EqualTo(deviation / factor).Within(1e-9 * deviation / factor + double.Epsilon));
        }
        foreach (var (value, quantile) in new[] { (column.LowerQuartile, 0.25), (column.Median, 0.5), (column.UpperQuartile, 0.75) })
        {
            Assert.That(sorted.Count(other => other < value) / (double)sorted.Length, Is.AtMost(quantile + 0.0075));
            Assert.That(sorted.Count(other => other <= value) / (double)sorted.Length, Is.AtLeast(quantile - 0.0075));
        }
    }

    private static async Task<ContentVersion?> VersionOf(IDataSource source)
    {
        var scan = await source.OpenAsync(ReadRequest.All);
        await using (scan) return scan.Version;
    }

    private void Run(string sql, string? file = null)
    {
        using var database = new DuckDBConnection($"DataSource={file ?? ":memory:"}");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql.Replace("FOLDER", _folder.Path, StringComparison.Ordinal);
        command.ExecuteNonQuery();
    }
}
