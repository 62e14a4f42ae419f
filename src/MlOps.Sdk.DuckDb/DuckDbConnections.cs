using System.Data.Common;
using System.Globalization;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Connections to DuckDB within the process, with its limits set: it loads no extension by itself, so nothing is fetched over the network.
/// Thread-safe.
/// </summary>
internal sealed class DuckDbConnections : DbDataSource, IEmbeddedDatabase
{
    private readonly string? _tempDirectory;
    private readonly string _memoryLimit;
    private readonly string[] _settings;
    private readonly string[] _files;

    public DuckDbConnections(DuckDbOptions options)
    {
        var address = new DbConnectionStringBuilder { ["DataSource"] = options.DatabaseFile ?? ":memory:" };
        if (options.DatabaseFile is not null) address["ACCESS_MODE"] = "READ_ONLY";
        ConnectionString = address.ConnectionString;
        _tempDirectory = options.TempDirectory;
        _files = [.. options.Files];
        _memoryLimit = string.Create(CultureInfo.InvariantCulture, $"{options.MemoryLimit}B");
        _settings =
        [
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

    public async ValueTask<Func<CancellationToken, ValueTask<string>>?> WatchAsync(
        DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        var names = await NamedFiles.OfAsync(connection, sql, cancellationToken).ConfigureAwait(false);
        if (names.Count + _files.Length == 0) return null;
        return async token => FileStamp.Of(
            [.. _files.SelectMany(FileContents.Matches), .. await NamedFiles.MatchesAsync(names, token).ConfigureAwait(false)]);
    }

    public object ValueOf(DbDataReader row, int ordinal)
    {
        try
        {
            return row.GetValue(ordinal);
        }
        catch (OverflowException) when (row.GetProviderSpecificValue(ordinal) is DuckDBDecimal wide)
        {
            // A decimal of .NET has 28 digits, and one of DuckDB 38: it is the number that it is in SQL, too.
            return double.Parse(
                string.Create(CultureInfo.InvariantCulture, $"{wide.Value.ToBigInteger()}E-{wide.Scale}"), CultureInfo.InvariantCulture);
        }
    }

    /// <remarks>
    /// Connections to one file share a database, whose folder for temporary files cannot change once it was used: it is set when the
    /// database is opened. Each database has a folder of its own, because it removes what others left there when it is closed.
    /// </remarks>
    protected override DbConnection CreateDbConnection()
    {
        var parent = _tempDirectory is null ? TemporaryFolder.Path : TemporaryFolder.Within(Path.GetFullPath(_tempDirectory));
        return new DuckDBConnection(new DbConnectionStringBuilder
        {
            ConnectionString = ConnectionString,
            ["memory_limit"] = _memoryLimit,
            ["temp_directory"] = Path.Combine(parent, Guid.NewGuid().ToString("N")),
        }.ConnectionString);
    }

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
