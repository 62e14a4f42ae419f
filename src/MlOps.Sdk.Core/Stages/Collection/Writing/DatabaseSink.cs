using System.Data.Common;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>A table of a database, to which rows are added in one transaction. Thread-safe as far as the database is.</summary>
internal sealed class DatabaseSink(DbDataSource database, string[] table, DatabaseSinkOptions options) : IDataSink
{
    public string Name { get; } = string.Join('.', table);

    public async ValueTask<IDataWriter> OpenAsync(Schema schema, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        cancellationToken.ThrowIfCancellationRequested();
        Check(schema);
        DbConnection? connection = null;
        DbTransaction? transaction = null;
        try
        {
            connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            var target = ForeignTable.Of(connection, table);
            transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            var timeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds);
            if (options.CreateTable)
            {
                var create = CommandOf(transaction, target.Create(schema), timeout);
                await using (create.ConfigureAwait(false)) await create.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
            var probe = CommandOf(transaction, target.Probe, timeout);
            await using (probe.ConfigureAwait(false))
            {
                var types = await TypesAsync(probe, schema, cancellationToken).ConfigureAwait(false);
                return new DatabaseWriter(Name, transaction, target, schema, types, timeout);
            }
        }
        catch (Exception e)
        {
            if (transaction is not null) await transaction.DisposeAsync().ConfigureAwait(false);
            if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
            if (e is not DbException failure) throw;
            // Databases have no common code for a table that does not exist.
            throw connection is null || options.CreateTable
                ? Failure(failure, Name)
                : new MlOpsException(
                    $"The table cannot be opened: {Secrets.Blank(failure.Message)}",
                    "See the inner exception. If the table does not exist, create it, or set DatabaseSinkOptions.CreateTable.",
                    failure) { DataSource = Name };
        }
    }

    /// <summary>What is said when the database rejects something.</summary>
    public static MlOpsException Failure(DbException cause, string name) => new(
        $"The rows could not be written to the database: {Secrets.Blank(cause.Message)}",
        "See the inner exception; the transaction was rolled back, so the rows can be written again.",
        cause) { DataSource = name };

    private void Check(Schema schema)
    {
        if (schema.Count is 0 or > DatabaseWriter.MostParameters)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"{schema.Count} columns cannot be inserted at a time."),
                FormattableString.Invariant($"Write 1 to {DatabaseWriter.MostParameters} columns.")) { DataSource = Name };
        }
        foreach (var field in schema)
        {
            if (field.Type == ColumnType.Vector)
            {
                throw new MlOpsException(
                    "A vector has no type that all databases support.",
                    "Write an Arrow file, or leave the column out.") { DataSource = Name, Column = field.Name };
            }
            if (ForeignTable.Problem(field.Name) is { } problem)
            {
                throw new MlOpsException($"The name of a column {problem}.", "Rename the column.") { DataSource = Name };
            }
        }
    }

    // The names of the types of the columns to be filled; all columns that the table does not have are told at once.
    private async Task<string[]> TypesAsync(DbCommand probe, Schema schema, CancellationToken cancellationToken)
    {
        var reader = await probe.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var types = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var i = 0; i < reader.FieldCount; i++) types[reader.GetName(i)] = reader.GetDataTypeName(i);

            // Databases that ignore case give the names as they were created.
            var anyCase = types.Keys.ToLookup(name => name, StringComparer.OrdinalIgnoreCase);
            string[] missing = [.. schema.Select(field => field.Name).Where(name => !anyCase.Contains(name))];
            if (missing.Length > 0)
            {
                throw new MlOpsException(
                    $"The table has no column {string.Join(", ", missing.Select(name => $"'{name}'"))}.",
                    "Add the missing columns to the table, or write fewer columns.") { DataSource = Name };
            }
            return [.. schema.Select(field => types.GetValueOrDefault(field.Name) ?? types[anyCase[field.Name].First()])];
        }
    }

    private static DbCommand CommandOf(DbTransaction transaction, string sql, int timeout)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.CommandTimeout = timeout;
        return command;
    }
}
