using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>The rows of a query, streamed. Thread-safe as far as the database is.</summary>
internal sealed class DatabaseSource(DbDataSource database, string sql, DatabaseOptions options) : IDataSource
{
    private readonly string _digest = QueryIdentity.Of(sql);

    public string Name => options.Name;

    /// <summary>The query as it may be kept; see <see cref="RedactedSql"/>.</summary>
    public string RedactedQuery { get; } = RedactedSql.Of(sql);

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        if (request.After is not null && options.KeyColumn is null)
        {
            throw new MlOpsException(
                "The query has no ascending key column, so new rows cannot be determined.",
                "Name one with options.Increasing(…), or remove OnlyNew.") { DataSource = Name };
        }
        if (options.KeyColumn is { } key && request.Personal.Contains(key))
        {
            throw new MlOpsException(
                "The key of the query is a personal column, so its values would be stored as the watermark.",
                "Use another column as the key of options.Increasing(…).") { DataSource = Name, Column = key };
        }
        var scan = new DatabaseScan(this, options, request);
        try
        {
            await scan.OpenAsync(request.BrokenOff as DatabaseScan, cancellationToken).ConfigureAwait(false);
            return scan;
        }
        catch
        {
            await scan.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// What is kept of how far the query was read: the key, and which query it was, since another one may give
    /// other rows up to the same key.
    /// </summary>
    public Watermark WatermarkOf(QueryKey key) => new($"{key} of query {_digest}");

    /// <summary>The key that a watermark marks.</summary>
    /// <exception cref="MlOpsException">It marks another kind of key, or that of another query.</exception>
    public QueryKey KeyOf(Watermark after)
    {
        const string mark = " of query ";
        var at = after.Value.LastIndexOf(mark, StringComparison.Ordinal);
        if (at < 0 || !QueryKey.TryParse(after.Value[..at], options.KeyStart, out var key))
        {
            throw new MlOpsException(
                "The watermark of the last run is of another kind of key.",
                "Run once without OnlyNew.") { DataSource = Name, Column = options.KeyColumn };
        }
        return after.Value[(at + mark.Length)..] == _digest
            ? key
            : throw new MlOpsException(
                "The query is not the one that was read last, so new rows cannot be determined.",
                "Run once without OnlyNew to read all its rows, or restore the earlier text; " +
                    "literals and the values of parameters may change.") { DataSource = Name };
    }

    /// <summary>A value, as the provider gives it.</summary>
    public object ValueOf(DbDataReader row, int ordinal) =>
        database is IEmbeddedDatabase embedded ? embedded.ValueOf(row, ordinal) : row.GetValue(ordinal);

    /// <summary>Runs the query behind a key.</summary>
    public Task<DatabaseAnswer> QueryAsync(QueryKey after, CancellationToken cancellationToken) =>
        QueryAsync(sql, after, cancellationToken);

    /// <summary>What identifies the rows behind a key; <see langword="null"/> when nobody can tell without reading them.</summary>
    /// <param name="after">The key.</param>
    /// <param name="known">What was read before, where that is known.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(ContentVersion? Version, DatabaseContent? Content)> VersionAsync(
        QueryKey after, DatabaseContent? known, CancellationToken cancellationToken)
    {
        string values;
        DatabaseContent? now = null;
        if (options.VersionQuery is { } query) values = await AskVersionAsync(query, after, cancellationToken).ConfigureAwait(false);
        else if (options.Content is { } content)
        {
            now = await content(known, cancellationToken).ConfigureAwait(false);
            values = now.Hash;
        }
        else return default;
        var text = new StringBuilder(sql).Append('\u001e');
        foreach (var (name, value) in options.Parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
        {
            text.Append(name).Append('=').Append(Invariant(value)).Append('\u001e');
        }

        // What is asked may be secret, so only its hash is kept.
        text.Append(values).Append(after);
        return (new ContentVersion($"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))}"), now);
    }

    private async Task<string> AskVersionAsync(string query, QueryKey after, CancellationToken cancellationToken)
    {
        var answer = await QueryAsync(query, after, cancellationToken).ConfigureAwait(false);
        await using (answer.ConfigureAwait(false))
        {
            if (!answer.HasRow)
            {
                throw new MlOpsException(
                    "The version query returns no row.",
                    "It must return one row, for example with count(*).") { DataSource = Name };
            }
            var text = new StringBuilder();
            for (var i = 0; i < answer.Reader.FieldCount; i++) text.Append(Invariant(answer.Reader.GetValue(i))).Append('\u001f');
            return text.ToString();
        }
    }

    // A provider without types of its own, such as SQLite, tells them by the first row.
    private async Task<DatabaseAnswer> QueryAsync(string text, QueryKey after, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        DbCommand? command = null;
        DbDataReader? reader = null;
        try
        {
            command = Command(connection, text, after);
            using var time = new StatementTime(command, options.CommandTimeout, cancellationToken);
            try
            {
                reader = await command.ExecuteReaderAsync(time.Token).ConfigureAwait(false);
                var hasRow = await reader.ReadAsync(time.Token).ConfigureAwait(false);
                return new DatabaseAnswer(connection, command, reader, hasRow);
            }
            catch (Exception e) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }
            catch (Exception e) when (time.IsOver && e is not OutOfMemoryException)
            {
                throw new MlOpsException(
                    $"The query gave no row within the CommandTimeout of {time.Limit}.",
                    "Give it more time with DatabaseOptions.CommandTimeout, or make the query faster.",
                    e) { DataSource = Name };
            }
        }
        catch
        {
            if (reader is not null) await reader.DisposeAsync().ConfigureAwait(false);
            if (command is not null) await command.DisposeAsync().ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static string Invariant(object? value) => value switch
    {
        null or DBNull => "\0",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private DbCommand Command(DbConnection connection, string text, QueryKey after)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in options.Parameters) Add(command, name, value ?? DBNull.Value);
        if (options.KeyColumn is not null && text.Contains(options.KeyParameter, StringComparison.Ordinal))
        {
            Add(command, options.KeyParameter, after.Value);
        }
        return command;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
