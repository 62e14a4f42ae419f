using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace MlOps.Sdk.Storage;

/// <summary>A copy of the database that nobody works with: one file, whose pages are checked before it is believed.</summary>
internal static class DatabaseCopy
{
    /// <summary>Makes one file of a copy that was just made, and reads it.</summary>
    /// <exception cref="MlOpsException">The copy is damaged.</exception>
    public static DatabaseFacts Settle(string path) => Open(path, SqliteOpenMode.ReadWrite, connection =>
    {
        // A copy of a database with a write-ahead log asks for one, too, which would be a second file.
        connection.Execute("PRAGMA journal_mode = DELETE");
        return Read(connection, path);
    });

    /// <summary>Reads a copy, and changes nothing.</summary>
    /// <exception cref="MlOpsException">The copy is damaged, or of a newer version of the library.</exception>
    public static DatabaseFacts Read(string path) => Open(path, SqliteOpenMode.ReadOnly, connection => Read(connection, path));

    private static DatabaseFacts Read(SqliteConnection connection, string path)
    {
        var damage = connection.QueryFirst<string>("PRAGMA integrity_check(1)");
        if (damage != "ok")
        {
            throw new MlOpsException(
                $"The database is damaged: {damage}",
                "Take an earlier backup. Keep the damaged database: parts of it may be recoverable with 'sqlite3 mlops.db .recover'.")
            {
                DataSource = path,
            };
        }
        var (schema, reader) = connection.QueryFirst<(int, int)>("SELECT max(number), max(minimum_reader) FROM schema_version");
        if (reader > SchemaScripts.Latest)
        {
            throw new MlOpsException(
                $"The database was written by a newer version of the library (it needs schema {reader}, this version knows " +
                    $"{SchemaScripts.Latest}).",
                "Update the MlOps.Sdk package.") { DataSource = path };
        }
        var head = AuditTable.Head(connection);
        return new DatabaseFacts(
            schema >= IdentitySince ? connection.ExecuteScalar<string>("SELECT id FROM workspace WHERE one = 1") ?? "" : "",
            schema,
            head?.Sequence ?? 0,
            head?.Hash ?? "",
            ArtifactRefTable.All(connection));
    }

    // Databases of earlier versions have no id yet.
    private const int IdentitySince = 14;

    private static DatabaseFacts Open(string path, SqliteOpenMode mode, Func<SqliteConnection, DatabaseFacts> read)
    {
        // Its constructor loads the native library.
        var file = new SqliteFile(path, NullLogger.Instance);
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return read(connection);
        }
        catch (SqliteException e)
        {
            throw file.Translate(e);
        }
        catch (Exception e) when (StoredRecord.IsDamage(e))
        {
            throw StoredRecord.Damaged($"A record of the database is damaged: {e.Message}", e);
        }
    }
}
