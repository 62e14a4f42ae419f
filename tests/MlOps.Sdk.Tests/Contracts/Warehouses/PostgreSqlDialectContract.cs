using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Testing;
using Npgsql;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>
/// The dialect of PostgreSQL, where MLOPS_POSTGRES has a connection string of a database that tests may fill. Sessions are in a zone with
/// daylight saving.
/// </summary>
internal sealed class PostgreSqlDialectContract : WarehouseDialectContract
{
    private readonly string _schema = $"warehouse_{Guid.NewGuid():N}";
    private NpgsqlDataSource _database;

    protected override int RowCount => LongForm.Of(20_000, 6_000);

    [OneTimeSetUp]
    public async Task ConnectAsync()
    {
        var connection = Environment.GetEnvironmentVariable("MLOPS_POSTGRES");
        if (string.IsNullOrEmpty(connection)) Assert.Ignore("Set MLOPS_POSTGRES to a connection string.");
        _database = NpgsqlDataSource.Create($"{connection};Timezone=America/New_York");
        await PostgreSqlRows.ExecuteAsync(_database, $"CREATE SCHEMA {_schema}");
    }

    [OneTimeTearDown]
    public async Task DropAsync()
    {
        if (_database is null) return;
        await PostgreSqlRows.ExecuteAsync(_database, $"DROP SCHEMA {_schema} CASCADE");
        await _database.DisposeAsync();
    }

    [Test]
    public async Task ProfileAsync_OtherTypes_AreRead()
    {
        var warehouse = new Warehouse(_database, WarehouseDialects.PostgreSql);
        var profile = await warehouse.Query(
            "SELECT 1::smallint a, 2::int b, 1.25::numeric(9, 2) c, 0.1::real d, DATE '2024-02-29' e, TIMESTAMP '2024-02-29 10:00' f, " +
            "'x'::varchar(3) g, gen_random_uuid() h -- a comment").ProfileAsync();
        var byName = profile.Columns.ToDictionary(column => column.Name);

        Assert.That(byName["c"].Mean, Is.EqualTo(1.25));
        Assert.That(byName["d"].Mean, Is.EqualTo(0.1));
        Assert.That(byName["e"].Times!.First, Is.EqualTo(new DateTime(2024, 2, 29, 0, 0, 0, DateTimeKind.Utc)));
        Assert.That(byName["f"].Times!.First, Is.EqualTo(new DateTime(2024, 2, 29, 10, 0, 0, DateTimeKind.Utc)));
        Assert.That(byName["h"].Mean, Is.EqualTo(36));
    }

    [Test]
    public async Task ProfileAsync_InfiniteTimes_AreThoseThatReadingGives()
    {
        var table = new Warehouse(_database, WarehouseDialects.PostgreSql).Query(
            "SELECT i, t::timestamp a, t::timestamptz b, t::date c FROM (VALUES (1, '2024-02-29'), (2, 'infinity'), (3, '-infinity'), " +
            "(4, NULL)) AS v(i, t)");
        var rows = await table.ToSource().ReadAllAsync();
        var memory = DatasetProfile.Of(rows);

        var profile = await table.ProfileAsync();

        foreach (var (column, other) in profile.Columns.Zip(memory.Columns))
        {
            Assert.That((column.Count, column.Missing), Is.EqualTo((other.Count, other.Missing)), column.Name);
            Assert.That((column.Minimum, column.Maximum), Is.EqualTo((other.Minimum, other.Maximum)), column.Name);
            Assert.That((column.Times?.First, column.Times?.Last), Is.EqualTo((other.Times?.First, other.Times?.Last)), column.Name);
        }
        Assert.That((await table.CompareAsync(table)).HasChanged, Is.False);
        foreach (var key in new[] { "a", "b", "c" }) await HasSidesOfMemoryAsync(table, ["i", key]);
    }

    [TestCase("char(5)")]
    [TestCase("bpchar")]
    [TestCase("varchar(5)")]
    [TestCase("char(1)")]
    public async Task SplitAsync_TextsOfFixedLength_AreThoseThatReadingGives(string type)
    {
        var table = new Warehouse(_database, WarehouseDialects.PostgreSql).Query(
            $"SELECT i, substr('ab  ', 1 + i % 2)::{type} AS t FROM generate_series(1, 200) AS r(i)");
        var rows = await table.ToSource().ReadAllAsync();

        var profile = await table.ProfileAsync();

        Assert.That(profile.Columns[1].Mean, Is.EqualTo(DatasetProfile.Of(rows).Columns[1].Mean).Within(1e-9));
        await HasSidesOfMemoryAsync(table, ["i", "t"]);
    }

    private static async Task HasSidesOfMemoryAsync(WarehouseTable table, string[] key)
    {
        var filled = table.Warehouse.Query($"{table.Sql} WHERE {string.Join(" AND ", key.Select(column => $"{column} IS NOT NULL"))}");
        var read = await filled.ToSource().ReadAllAsync();
        var expected = Enumerable.Range(0, read.RowCount)
            .Where(row => KeysOf(read, key)[row].Fraction < 0.5)
            .Select(row => read["i"].GetNumber(row));

        var split = await filled.SplitAsync("split", 0.5, key);
        var heldOut = await split.Holdout.ToSource().ReadAllAsync();

        var found = Enumerable.Range(0, heldOut.RowCount).Select(row => heldOut["i"].GetNumber(row));
        Assert.That(found.Order(), Is.EqualTo(expected.Order()), string.Join(", ", key));
    }

    private static RowKey[] KeysOf(Dataset rows, string[] key)
    {
        var keys = new RowKey[rows.RowCount];
        new PortableKey(rows.Schema, key, "split", "The split", required: true).Compute(rows.ToBatches().Single(), keys);
        return keys;
    }

    protected override async Task<WarehouseTable> LoadAsync(string name, Dataset rows, Action<WarehouseOptions> configure)
    {
        await PostgreSqlRows.ExecuteAsync(_database, $"CREATE TABLE {_schema}.{name} ({PostgreSqlRows.ColumnsOf(rows.Schema)})");
        await PostgreSqlRows.CopyAsync(_database, $"{_schema}.{name}", rows);
        return new Warehouse(_database, WarehouseDialects.PostgreSql, configure).Table(_schema, name);
    }
}
