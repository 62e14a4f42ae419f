using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
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
    public void ProfileAsync_StatementTakesTooLong_IsAnErrorWithARemedy()
    {
        var warehouse = new Warehouse(_database, WarehouseDialects.PostgreSql, options => options.CommandTimeout = TimeSpan.FromSeconds(1));

        Assert.That(
            () => warehouse.Query("SELECT pg_sleep(20)::text AS x").ProfileAsync(),
            Throws.TypeOf<MlOpsException>().With.Property(nameof(MlOpsException.Remedy)).Contains("CommandTimeout"));
    }

    protected override async Task<WarehouseTable> LoadAsync(string name, Dataset rows)
    {
        await PostgreSqlRows.ExecuteAsync(_database, $"CREATE TABLE {_schema}.{name} ({PostgreSqlRows.ColumnsOf(rows.Schema)})");
        await PostgreSqlRows.CopyAsync(_database, $"{_schema}.{name}", rows);
        return new Warehouse(_database, WarehouseDialects.PostgreSql).Table(_schema, name);
    }
}
