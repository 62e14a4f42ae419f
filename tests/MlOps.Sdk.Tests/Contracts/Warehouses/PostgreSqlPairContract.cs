using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using Npgsql;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>
/// Two servers of PostgreSQL behind one partitioned table: the first has the table and half of the rows, both by way of postgres_fdw. Where
/// MLOPS_POSTGRES and MLOPS_POSTGRES_2 have connection strings of databases that tests may fill.
/// </summary>
internal sealed class PostgreSqlPairContract : WarehouseDialectContract
{
    private const string PartitionKey = "small";
    private readonly string _schema = $"pair_{Guid.NewGuid():N}";
    private readonly StatementLog _log = new();
    private NpgsqlDataSource[] _servers = [];
    private NpgsqlDataSource _database;

    protected override int RowCount => LongForm.Of(20_000, 6_000);

    [OneTimeSetUp]
    public async Task ConnectAsync()
    {
        string[] variables = ["MLOPS_POSTGRES", "MLOPS_POSTGRES_2"];
        var connections = Array.ConvertAll(variables, Environment.GetEnvironmentVariable);
        if (connections.Any(string.IsNullOrEmpty)) Assert.Ignore("Set MLOPS_POSTGRES and MLOPS_POSTGRES_2 to connection strings.");
        _servers = [.. connections.Select(connection => NpgsqlDataSource.Create(connection!))];
        var builder = new NpgsqlDataSourceBuilder($"{connections[0]};Options=-c enable_partitionwise_aggregate=on");
        _database = builder.UseLoggerFactory(_log).Build();
        await PostgreSqlRows.ExecuteAsync(_database, $"CREATE SCHEMA {_schema}; CREATE EXTENSION IF NOT EXISTS postgres_fdw");
        for (var i = 0; i < connections.Length; i++)
        {
            var to = new NpgsqlConnectionStringBuilder(connections[i]);
            await PostgreSqlRows.ExecuteAsync(_servers[i], $"CREATE SCHEMA {_schema}_part");
            await PostgreSqlRows.ExecuteAsync(_database, string.Create(CultureInfo.InvariantCulture, $"""
                CREATE SERVER {_schema}_{i} FOREIGN DATA WRAPPER postgres_fdw
                    OPTIONS (host '{to.Host}', port '{to.Port}', dbname '{to.Database}', batch_size '1000');
                CREATE USER MAPPING FOR CURRENT_USER SERVER {_schema}_{i} OPTIONS (user '{to.Username}', password_required 'false')
                """));
        }
    }

    [OneTimeTearDown]
    public async Task DropAsync()
    {
        if (_database is null) return;
        await PostgreSqlRows.ExecuteAsync(
            _database, $"DROP SERVER {_schema}_0 CASCADE; DROP SERVER {_schema}_1 CASCADE; DROP SCHEMA {_schema} CASCADE");
        foreach (var server in _servers)
        {
            await PostgreSqlRows.ExecuteAsync(server, $"DROP SCHEMA {_schema}_part CASCADE");
            await server.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    [Test]
    public async Task ProfileAsync_PartitionedTable_AggregatesOnTheServersOfTheRows()
    {
        var builder = new RecordBatchBuilder(new Schema(
            new Field(PartitionKey, ColumnType.Integer),
            new Field("amount", ColumnType.Number),
            new Field("name", ColumnType.Text),
            new Field("at", ColumnType.Timestamp)));
        for (var row = 0; row < 30_000; row++)
        {
            ((IntegerColumnBuilder)builder[0]).Append(row % 10);
            ((NumberColumnBuilder)builder[1]).Append(row % 5_000 * 0.37);
            ((TextColumnBuilder)builder[2]).Append(string.Create(CultureInfo.InvariantCulture, $"n{row % 30}"));
            ((TimestampColumnBuilder)builder[3]).Append(new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(row % 3_000));
        }

        var rows = Dataset.FromBatches(builder.Schema, [builder.Build()]);
        var table = await LoadAsync("explained", rows, _ => { });
        var before = _log.Statements.Count;

        await table.ProfileAsync();
        await table.CheckAsync(check => check
            .Expect(row => row.Column("amount").Between(0, 1_000))
            .Expect(row => row.Column("name").Unique()));

        // What makes numbers of times has a text as its argument, which postgres_fdw does not send on.
        string[] kept = ["LIMIT", "extract("];
        string[] statements =
        [
            .. _log.Statements.Skip(before)
                .Where(sql => sql.StartsWith("SELECT", StringComparison.Ordinal) && sql.Contains("\"explained\"", StringComparison.Ordinal))
                .Where(sql => !kept.Any(word => sql.Contains(word, StringComparison.Ordinal)))
                .Distinct(),
        ];
        Assert.That(statements, Has.Length.AtLeast(8));
        foreach (var statement in statements)
        {
            var plan = await ExplainAsync(statement);
            foreach (var expected in (string[])["Foreign Scan", "Relations: Aggregate on"])
            {
                Assert.That(
                    plan.Count(line => line.Contains(expected, StringComparison.Ordinal)), Is.EqualTo(2), string.Join('\n', plan));
            }
        }
    }

    protected override async Task<WarehouseTable> LoadAsync(string name, Dataset rows, Action<WarehouseOptions> configure)
    {
        var columns = PostgreSqlRows.ColumnsOf(rows.Schema);
        for (var i = 0; i < _servers.Length; i++)
        {
            await PostgreSqlRows.ExecuteAsync(
                _servers[i], string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE {_schema}_part.{name}{i} ({columns})"));
        }

        await PostgreSqlRows.ExecuteAsync(_database, $"""
            CREATE TABLE {_schema}.{name} ({columns}) PARTITION BY LIST ({PartitionKey});
            CREATE FOREIGN TABLE {_schema}.{name}_0 PARTITION OF {_schema}.{name} FOR VALUES IN (0, 1, 2, 3, 4)
                SERVER {_schema}_0 OPTIONS (schema_name '{_schema}_part', table_name '{name}0');
            CREATE FOREIGN TABLE {_schema}.{name}_1 PARTITION OF {_schema}.{name} DEFAULT
                SERVER {_schema}_1 OPTIONS (schema_name '{_schema}_part', table_name '{name}1');
            CREATE TABLE {_schema}.{name}_staged ({columns});
            """);
        await PostgreSqlRows.CopyAsync(_database, $"{_schema}.{name}_staged", rows);
        await PostgreSqlRows.ExecuteAsync(_database, $"""
            INSERT INTO {_schema}.{name} SELECT * FROM {_schema}.{name}_staged;
            DROP TABLE {_schema}.{name}_staged;
            ANALYZE {_schema}.{name}
            """);
        return new Warehouse(_database, WarehouseDialects.PostgreSql, configure).Table(_schema, name).PartitionedBy(PartitionKey);
    }

    private async Task<List<string>> ExplainAsync(string statement)
    {
        await using var command = _database.CreateCommand($"EXPLAIN (VERBOSE, COSTS OFF) {statement}");
        await using var reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        return lines;
    }
}
