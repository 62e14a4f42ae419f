using System.Data.Common;
using System.Threading.Channels;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>The data sources that come with the library.</summary>
public static class CollectionExtensions
{
    /// <summary>Adds a CSV file. It is read as a stream, so it may be larger than memory.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="configure">Sets delimiter, header, encoding, culture, tokens for missing values, types.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The options are not valid. A missing or malformed file is reported when it is read.</exception>
    public static CollectionBuilder FromCsv(
        this CollectionBuilder builder, string path, Action<CsvOptions>? configure = null, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Csv(path, configure), read);
    }

    /// <summary>Adds a file with a JSON object per line. It is read as a stream, so it may be larger than memory.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="configure">Sets encoding and schema.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The options are not valid. A missing or malformed file is reported when it is read.</exception>
    public static CollectionBuilder FromJsonLines(
        this CollectionBuilder builder, string path, Action<JsonLinesOptions>? configure = null, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.JsonLines(path, configure), read);
    }

    /// <summary>Adds an Arrow IPC file, also called Feather version 2; see <see cref="DataSources.Arrow"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    public static CollectionBuilder FromArrow(this CollectionBuilder builder, string path, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Arrow(path), read);
    }

    /// <summary>Adds the files of a folder as one table; see <see cref="DataSources.Folder"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The folder.</param>
    /// <param name="glob">Which files, for example <c>**/*.csv</c>.</param>
    /// <param name="file">Makes the source of a file from its path.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The pattern is not valid. A missing or malformed file is reported when it is read.</exception>
    public static CollectionBuilder FromFolder(
        this CollectionBuilder builder, string path, string glob, Func<string, IDataSource> file, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Folder(path, glob, file), read);
    }

    /// <summary>Adds a file on a web server; see <see cref="DataSources.Http"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="url">The address, http or https.</param>
    /// <param name="file">Makes the source of the downloaded file from its path.</param>
    /// <param name="configure">Sets the client, limits of size and time, and to where the server may redirect.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">
    /// The address or an option is not valid. What goes wrong with the download is reported when it is read.
    /// </exception>
    public static CollectionBuilder FromHttp(
        this CollectionBuilder builder,
        Uri url,
        Func<string, IDataSource> file,
        Action<HttpOptions>? configure = null,
        Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Http(url, file, configure), read);
    }

    /// <summary>
    /// Adds the files of an object store below a prefix, such as a bucket of S3, a container of Azure Blob Storage or a folder; see
    /// <see cref="DataSources.Objects(IObjectStore, string, Action{ObjectSourceOptions}?)"/>.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="store">The store; it is not disposed of.</param>
    /// <param name="prefix">The folder of the keys, such as <c>sales/daily</c>; empty for the whole store.</param>
    /// <param name="configure">Sets which objects are read, and how.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The prefix is no folder of keys.</exception>
    /// <exception cref="MlOpsException">An option is not valid. A missing or malformed object is reported when it is read.</exception>
    public static CollectionBuilder FromObjects(
        this CollectionBuilder builder,
        IObjectStore store,
        string prefix,
        Action<ObjectSourceOptions>? configure = null,
        Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Objects(store, prefix, configure), read);
    }

    /// <summary>
    /// Adds objects in memory, one row each; see <see cref="RowShape"/> for how properties become columns. The sequence is read once, now.
    /// </summary>
    /// <typeparam name="T">A class, record or struct with a public property for each column.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="rows">The objects; nobody may change them until the lifecycle has run.</param>
    /// <param name="name">A name for messages and lineage. Default: the name of the type.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The type has a property that no column can hold, or an object is null.</exception>
    public static CollectionBuilder FromObjects<T>(
        this CollectionBuilder builder, IEnumerable<T> rows, string? name = null, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Objects(rows, name), read);
    }

    /// <summary>
    /// Adds objects that come one after the other; see <see cref="DataSources.Objects{T}(IAsyncEnumerable{T}, string?)"/>.
    /// </summary>
    /// <typeparam name="T">A class, record or struct with a public property for each column.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="rows">The objects; they are read once.</param>
    /// <param name="name">A name for messages and lineage. Default: the name of the type.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    public static CollectionBuilder FromObjects<T>(
        this CollectionBuilder builder, IAsyncEnumerable<T> rows, string? name = null, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Objects(rows, name), read);
    }

    /// <summary>Adds objects that come through a channel, until it is completed; see <see cref="DataSources.Channel{T}"/>.</summary>
    /// <typeparam name="T">A class, record or struct with a public property for each column.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="name">A name for messages and lineage. Default: the name of the type.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    public static CollectionBuilder FromChannel<T>(
        this CollectionBuilder builder, ChannelReader<T> channel, string? name = null, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Channel(channel, name), read);
    }

    /// <summary>Adds the rows of a query; see <see cref="DataSources.Database"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="database">Where connections come from; it is not disposed of.</param>
    /// <param name="sql">The query.</param>
    /// <param name="configure">Sets parameters, the schema, a key that makes the source repeatable.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    public static CollectionBuilder FromDatabase(
        this CollectionBuilder builder,
        DbDataSource database,
        string sql,
        Action<DatabaseOptions>? configure = null,
        Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Database(database, sql, configure), read);
    }
}
