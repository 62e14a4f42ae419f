using System.Data.Common;
using System.Threading.Channels;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk;

/// <summary>The data sources that come with the library, for use with or without a lifecycle.</summary>
public static class DataSources
{
    /// <summary>A CSV file; the types of its columns are inferred unless a schema is given.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configure">Sets delimiter, null tokens or the schema.</param>
    public static IDataSource Csv(string path, Action<CsvOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var options = new CsvOptions();
        configure?.Invoke(options);
        options.Validate();
        return new CsvSource(path, options);
    }

    /// <summary>Objects in memory, one row each.</summary>
    /// <typeparam name="T">A class with a public property for each column.</typeparam>
    /// <param name="rows">The objects.</param>
    /// <param name="name">A name for messages; the type's name when left out.</param>
    public static IDataSource Objects<T>(IEnumerable<T> rows, string? name = null) => new ObjectSource<T>(rows, name ?? typeof(T).Name);

    /// <summary>Objects that come one after the other. They are read once: such a source refuses a resilience pipeline, and what follows from it is never reused.</summary>
    /// <typeparam name="T">A class with a public property for each column.</typeparam>
    /// <param name="rows">The objects.</param>
    /// <param name="name">A name for messages; the type's name when left out.</param>
    public static IDataSource Objects<T>(IAsyncEnumerable<T> rows, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return StreamSource<T>.Of(rows, name ?? typeof(T).Name);
    }

    /// <summary>Objects that come through a channel, until it is completed. They are read once, as from an asynchronous sequence; what is there is handed on without waiting for a full batch.</summary>
    /// <typeparam name="T">A class with a public property for each column.</typeparam>
    /// <param name="channel">The channel.</param>
    /// <param name="name">A name for messages; the type's name when left out.</param>
    public static IDataSource Channel<T>(ChannelReader<T> channel, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return StreamSource<T>.Of(channel, name ?? typeof(T).Name);
    }

    /// <summary>The rows of a query, streamed from any database that has an ADO.NET provider. Values are given as parameters, never as part of the query's text.</summary>
    /// <param name="database">Where connections come from, for example an <c>NpgsqlDataSource</c>; it is not disposed of.</param>
    /// <param name="sql">The query, in the database's own SQL.</param>
    /// <param name="configure">Sets parameters, the schema, a key that makes the source repeatable.</param>
    public static IDataSource Database(DbDataSource database, string sql, Action<DatabaseOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        var options = new DatabaseOptions();
        configure?.Invoke(options);
        options.Validate(sql);
        return new DatabaseSource(database, sql, options);
    }

    /// <summary>Reads a whole source into memory.</summary>
    /// <param name="source">The source.</param>
    /// <param name="ct">Cancels the reading.</param>
    /// <exception cref="MlOpsException">The source cannot be reached or is malformed.</exception>
    public static async Task<Dataset> ReadAllAsync(this IDataSource source, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var scan = await source.OpenAsync(ReadRequest.All, ct).ConfigureAwait(false);
        await using (scan.ConfigureAwait(false))
        {
            return await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync(null, ct), ct).ConfigureAwait(false);
        }
    }
}
