using System.Data.Common;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using Npgsql;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>
/// The sink on PostgreSQL, where MLOPS_POSTGRES has a connection string of a database that tests may fill. Sessions are in a zone with
/// daylight saving, which must move no time.
/// </summary>
public sealed class PostgreSqlSinkContract : DataSinkContract
{
    private static readonly string? Connection = Environment.GetEnvironmentVariable("MLOPS_POSTGRES");
    private readonly string _table = $"the \"rows\" {Guid.NewGuid():N}";

    // Without a pool, nothing is left open.
    private static NpgsqlDataSource Database =>
        NpgsqlDataSource.Create($"{Connection ?? "Host=127.0.0.1"};Timezone=Europe/Berlin;Pooling=False");

    private string Quoted => $"\"{_table.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    [SetUp]
    public void Require()
    {
        if (string.IsNullOrEmpty(Connection)) Assert.Ignore("Set MLOPS_POSTGRES to a connection string.");
    }

    [TearDown]
    public async Task Drop()
    {
        if (string.IsNullOrEmpty(Connection)) return;
        await using var database = Database;
        await using var drop = database.CreateCommand($"DROP TABLE IF EXISTS {Quoted}");
        await drop.ExecuteNonQueryAsync();
    }

    protected override bool Replaces => false;

    protected override IDataSink Create() => DataSinks.Database(Database, _table, options => options.CreateTable = true);

    protected override async ValueTask<Dataset?> ReadAsync(Schema schema)
    {
        try
        {
            return await DataSources.Database(Database, $"SELECT * FROM {Quoted}", options => options.Schema = schema).ReadAllAsync();
        }
        catch (MlOpsException e) when (e.InnerException is DbException)
        {
            return null;
        }
    }
}
