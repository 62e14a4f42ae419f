using Microsoft.Data.Sqlite;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class DatabaseSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void Delete() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(Source("a.db", 11));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(Source("b.db", 10));

    protected override ValueTask<IDataSource?> CreateSlowAsync(TimeSpan limit)
    {
        var database = SqliteFactory.Instance.CreateDataSource("Data Source=:memory:");
        const string slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000000000) SELECT max(i) AS i FROM n";
        return ValueTask.FromResult<IDataSource?>(DataSources.Database(database, slow, options => options.CommandTimeout = limit));
    }

    private IDataSource Source(string file, int rows)
    {
        var path = Path.Combine(_folder.Path, file);
        var database = SqliteFactory.Instance.CreateDataSource($"Data Source={path};Pooling=False");
        if (!File.Exists(path))
        {
            using var connection = database.OpenConnection();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, amount REAL)";
            command.ExecuteNonQuery();
            for (var id = 1; id <= rows; id++)
            {
                command.CommandText = FormattableString.Invariant($"INSERT INTO t VALUES({id}, 'n{id}', {id / 8.0})");
                command.ExecuteNonQuery();
            }
        }

        return DataSources.Database(database, "SELECT * FROM t WHERE id > @after ORDER BY id", options => options.Increasing("id"));
    }
}
