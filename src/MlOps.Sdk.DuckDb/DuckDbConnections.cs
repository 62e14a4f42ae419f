using System.Data.Common;
using System.Globalization;
using DuckDB.NET.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Connections to DuckDB within the process, with its limits set: it loads no extension by itself, so nothing is fetched over the network.
/// Thread-safe.
/// </summary>
internal sealed class DuckDbConnections : DbDataSource
{
    private readonly string[] _settings;

    public DuckDbConnections(DuckDbOptions options)
    {
        ConnectionString = options.DatabaseFile is { } file ? $"DataSource={file};ACCESS_MODE=READ_ONLY" : "DataSource=:memory:";
        var folder = options.TempDirectory ?? Path.Combine(Path.GetTempPath(), "mlops-duckdb");
        _settings =
        [
            string.Create(CultureInfo.InvariantCulture, $"SET memory_limit = '{options.MemoryLimit}B'"),
            $"SET temp_directory = '{folder.Replace("'", "''", StringComparison.Ordinal)}'",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            "SET allow_community_extensions = false",
            "SET TimeZone = 'UTC'",
            .. options.Threads is { } threads
                ? [string.Create(CultureInfo.InvariantCulture, $"SET threads = {threads}")]
                : Array.Empty<string>(),
        ];
    }

    public override string ConnectionString { get; }

    protected override DbConnection CreateDbConnection() => new DuckDBConnection(ConnectionString);

    protected override DbConnection OpenDbConnection()
    {
        var connection = CreateDbConnection();
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            foreach (var setting in _settings)
            {
                command.CommandText = setting;
                command.ExecuteNonQuery();
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) =>
        await Task.Run(OpenDbConnection, cancellationToken).ConfigureAwait(false);
}
