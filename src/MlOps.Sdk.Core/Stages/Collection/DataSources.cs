using System.Data.Common;
using System.Threading.Channels;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>The data sources that come with the library, for use with or without a lifecycle.</summary>
public static class DataSources
{
    /// <summary>A CSV file; the types of its columns are inferred unless a schema is given.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configure">Sets delimiter, encoding, culture, null tokens or the schema.</param>
    public static IDataSource Csv(string path, Action<CsvOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var options = new CsvOptions();
        configure?.Invoke(options);
        options.Validate();
        return new FileSource(path, new CsvFormat(options));
    }

    /// <summary>A file with a JSON object per line; columns and types are inferred unless a schema is given.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configure">Sets encoding and schema.</param>
    public static IDataSource JsonLines(string path, Action<JsonLinesOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var options = new JsonLinesOptions();
        configure?.Invoke(options);
        options.Validate();
        return new FileSource(path, new JsonLinesFormat(options));
    }

    /// <summary>
    /// An Arrow IPC file, also called Feather version 2: uncompressed, with columns of numbers, booleans, texts, timestamps and vectors.
    /// </summary>
    /// <param name="path">The file.</param>
    public static IDataSource Arrow(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new ArrowSource(path);
    }

    /// <summary>
    /// The files of a folder as one table, in the ordinal order of their paths. All have the same columns, with the types that hold the
    /// values of all of them; JSON Lines files may lack some. Folders named like <c>year=2024</c> are columns, integers where all values
    /// are. Symbolic links are not followed.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="glob">
    /// Which files, for example <c>*.csv</c> or <c>**/*.csv</c>: <c>*</c> matches any characters of a name, <c>?</c> one,
    /// <c>**</c> any number of folders.
    /// </param>
    /// <param name="file">
    /// Makes the source of a file from its path: <see cref="Csv"/>, <see cref="JsonLines"/> or <see cref="Arrow"/>.
    /// </param>
    /// <exception cref="MlOpsException">The pattern is not valid.</exception>
    public static IDataSource Folder(string path, string glob, Func<string, IDataSource> file)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(glob);
        ArgumentNullException.ThrowIfNull(file);
        return new FolderSource(path, glob, file);
    }

    /// <summary>
    /// A file on a web server, downloaded whenever the source is opened. Its version is that of its content. User information in the
    /// address is sent as basic authentication; it and the query are in no name and no message.
    /// </summary>
    /// <param name="url">The address, http or https.</param>
    /// <param name="file">
    /// Makes the source of the downloaded file from its path: <see cref="Csv"/>, <see cref="JsonLines"/> or <see cref="Arrow"/>.
    /// </param>
    /// <param name="configure">Sets the client, limits of size and time, and to where the server may redirect.</param>
    /// <exception cref="MlOpsException">The address or an option is not valid.</exception>
    public static IDataSource Http(Uri url, Func<string, IDataSource> file, Action<HttpOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(file);
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
        {
            throw new MlOpsException(
                "The address is not a web address.",
                "Give an absolute address that begins with https:// or http://.");
        }
        var options = new HttpOptions();
        configure?.Invoke(options);
        options.Validate();
        return new HttpSource(url, file, options);
    }

    /// <summary>
    /// The files of an object store below a prefix as one table, in the ordinal order of their keys: CSV, JSON Lines, Arrow, and Parquet
    /// with its package. All have the same columns, with the types that hold the values of all of them; JSON Lines may lack some. Folders
    /// named like <c>year=2026</c> are columns, integers where all values are. Its version is that of the keys, ETags and sizes. An object
    /// that changes while it is read is an error. With <see cref="SourceReading.OnlyNew"/>, objects are read that are new or have another
    /// ETag than when they were read before.
    /// </summary>
    /// <param name="store">The store; it is not disposed of.</param>
    /// <param name="prefix">The folder of the keys, such as <c>sales/daily</c>; empty for the whole store.</param>
    /// <param name="configure">Sets which objects are read, and how.</param>
    /// <exception cref="ArgumentException">The prefix is no folder of keys.</exception>
    /// <exception cref="MlOpsException">An option is not valid.</exception>
    public static IDataSource Objects(IObjectStore store, string prefix, Action<ObjectSourceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        var options = new ObjectSourceOptions();
        configure?.Invoke(options);
        return new LakeSource(store, prefix, options);
    }

    /// <summary>Objects in memory, one row each.</summary>
    /// <typeparam name="T">A class with a public property for each column.</typeparam>
    /// <param name="rows">The objects.</param>
    /// <param name="name">A name for messages; the type's name when left out.</param>
    public static IDataSource Objects<T>(IEnumerable<T> rows, string? name = null) => new ObjectSource<T>(rows, name ?? typeof(T).Name);

    /// <summary>
    /// Objects that come one after the other. They are read once: such a source rejects a resilience pipeline, and what
    /// follows from it is never reused.
    /// </summary>
    /// <typeparam name="T">A class with a public property for each column.</typeparam>
    /// <param name="rows">The objects.</param>
    /// <param name="name">A name for messages; the type's name when left out.</param>
    public static IDataSource Objects<T>(IAsyncEnumerable<T> rows, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return StreamSource<T>.Of(rows, name ?? typeof(T).Name);
    }

    /// <summary>
    /// Objects that come through a channel, until it is completed. They are read once, as from an asynchronous sequence; what is there is
    /// handed on without waiting for a full batch.
    /// </summary>
    /// <typeparam name="T">A class with a public property for each column.</typeparam>
    /// <param name="channel">The channel.</param>
    /// <param name="name">A name for messages; the type's name when left out.</param>
    public static IDataSource Channel<T>(ChannelReader<T> channel, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return StreamSource<T>.Of(channel, name ?? typeof(T).Name);
    }

    /// <summary>
    /// The rows of a query, streamed from any database that has an ADO.NET provider. Values are given as parameters,
    /// never as part of the query's text.
    /// </summary>
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

    /// <summary>
    /// Reads a source once into a temporary file, from which its rows can be read again and again: for sources that are slow, cannot be
    /// repeated, or are larger than memory.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="columns">The columns to read, in this order; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The rows; whoever disposes of the snapshot removes the file.</returns>
    /// <exception cref="MlOpsException">
    /// The source cannot be reached or is malformed, or the temporary file cannot be written.
    /// </exception>
    public static async Task<SourceSnapshot> SnapshotAsync(
        this IDataSource source, IReadOnlyList<string>? columns = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var reader = await ResilientReader.OpenAsync(
            source, new ReadRequest { Columns = columns }, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            return await SourceSnapshot.CreateAsync(
                source.Name, reader.Schema, reader.Version, reader.ReadAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads a whole source into memory.</summary>
    /// <param name="source">The source.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">The source cannot be reached or is malformed.</exception>
    public static async Task<Dataset> ReadAllAsync(this IDataSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var reader = await ResilientReader.OpenAsync(source, ReadRequest.All, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            return await Dataset.FromBatchesAsync(
                reader.Schema, reader.ReadAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }
}
