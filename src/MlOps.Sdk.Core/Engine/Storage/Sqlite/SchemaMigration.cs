using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Storage;

/// <summary>Brings a database to the schema of this library: forward only, under the write lock, all or nothing.</summary>
internal static class SchemaMigration
{
    public static void Apply(
        SqliteFile file, SqliteConnection connection, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        // Most opens find nothing to do, and take no lock.
        if (Read(file, connection) == SchemaScripts.Latest) return;
        file.BeginImmediate(connection, cancellationToken);
        try
        {
            // Another process may have been quicker.
            var found = Read(file, connection);
            if (found < SchemaScripts.Latest)
            {
                foreach (var script in SchemaScripts.All.Where(s => s.Number > found))
                {
                    connection.Execute(script.Sql);
                    connection.Execute(
                        "INSERT INTO schema_version(number, minimum_reader, applied_at) VALUES (@Number, @MinimumReader, @at)",
                        new { script.Number, script.MinimumReader, at = clock.GetUtcNow().UtcTicks });
                }
            }

            SqliteFile.Execute(connection, "COMMIT");
            if (found < SchemaScripts.Latest) StorageLog.Migrated(logger, file.Path, found, SchemaScripts.Latest);
        }
        catch
        {
            if (SqliteFile.IsInTransaction(connection)) SqliteFile.Execute(connection, "ROLLBACK");
            throw;
        }
    }

    private static int Read(SqliteFile file, SqliteConnection connection)
    {
        if (connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'") == 0)
        {
            if (connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master") > 0)
            {
                throw new MlOpsException(
                    "The database belongs to another program.",
                    "Choose another path for the workspace.") { DataSource = file.Path };
            }

            return 0;
        }

        var reader = connection.ExecuteScalar<int>("SELECT max(minimum_reader) FROM schema_version");
        if (reader > SchemaScripts.Latest)
        {
            throw new MlOpsException(
                $"The workspace was written by a newer version of the library (it needs schema {reader}, this version knows " +
                    $"{SchemaScripts.Latest}).",
                "Update the MlOps.Sdk package, or restore a backup made before the update.") { DataSource = file.Path };
        }

        return connection.ExecuteScalar<int>("SELECT max(number) FROM schema_version");
    }
}
