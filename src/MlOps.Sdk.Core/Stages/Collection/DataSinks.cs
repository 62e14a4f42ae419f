using System.Data.Common;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>The sinks for tables that come with the library, and how tables are written to any sink.</summary>
public static class DataSinks
{
    /// <summary>
    /// A CSV file, RFC 4180 in UTF-8, with a header: <see cref="DataSources.Csv"/> reads the same values with the table's schema. NaN is
    /// missing; vectors and infinite numbers are rejected. The file is written beside, for the account of this process alone, and takes the
    /// place of one that is there once it is whole.
    /// </summary>
    /// <param name="path">The file, in a folder that exists.</param>
    /// <param name="configure">Sets the delimiter, and the text of a missing value.</param>
    /// <exception cref="MlOpsException">An option is not valid.</exception>
    public static IDataSink Csv(string path, Action<CsvSinkOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var options = new CsvSinkOptions();
        configure?.Invoke(options);
        options.Validate();
        return new FileSink(path, (stream, name) => new CsvEncoder(stream, name, options));
    }

    /// <summary>
    /// An Arrow IPC file, also called Feather version 2, which keeps every value of every type: see <see cref="DataSources.Arrow"/>. The
    /// file is written beside, for the account of this process alone, and takes the place of one that is there once it is whole.
    /// </summary>
    /// <param name="path">The file, in a folder that exists.</param>
    public static IDataSink Arrow(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new FileSink(path, (stream, _) => new ArrowEncoder(stream));
    }

    /// <summary>
    /// A table of any database that has an ADO.NET provider: rows are added to it in one transaction, their values as parameters. NaN is
    /// missing; vectors are rejected.
    /// </summary>
    /// <param name="database">Where connections come from, for example an <c>NpgsqlDataSource</c>; it is not disposed of.</param>
    /// <param name="table">
    /// The table, as it was created: <c>scores</c>, or with its schema <c>risk.scores</c>. Names are quoted, so they may have any
    /// characters but dots and control characters.
    /// </param>
    /// <param name="configure">Sets whether a missing table is created.</param>
    /// <exception cref="MlOpsException">The name or an option is not valid.</exception>
    public static IDataSink Database(DbDataSource database, string table, Action<DatabaseSinkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        var options = new DatabaseSinkOptions();
        configure?.Invoke(options);
        options.Validate();
        return new DatabaseSink(database, ForeignTable.PartsOf(table), options);
    }

    /// <summary>Writes a table to a sink. It shows there when the task has ended; when it fails or is cancelled, nothing of it
    /// does.</summary>
    /// <param name="rows">The table.</param>
    /// <param name="sink">Where to.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <exception cref="MlOpsException">The sink cannot be written to, or cannot hold a column or a value.</exception>
    public static Task WriteToAsync(this Dataset rows, IDataSink sink, CancellationToken cancellationToken = default) =>
        WriteAsync(rows, sink, null, cancellationToken);

    /// <summary>
    /// Writes a table under a name to a sink that holds several. It takes the place of an earlier one of its name when the task has ended;
    /// when it fails or is cancelled, the earlier one stays.
    /// </summary>
    /// <param name="rows">The table.</param>
    /// <param name="sink">Where to.</param>
    /// <param name="table">The name, such as the day or the run that the rows are of.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <exception cref="MlOpsException">The sink cannot be written to, or cannot hold a column or a value.</exception>
    public static Task WriteToAsync(this Dataset rows, ITableSink sink, string table, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        return WriteAsync(rows, sink, table, cancellationToken);
    }

    /// <summary>
    /// Writes all rows of a source to a sink, batch by batch. They show there when the task has ended; when it fails or is cancelled,
    /// nothing of them does.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="sink">Where to.</param>
    /// <param name="cancellationToken">Cancels the reading and writing.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="MlOpsException">
    /// The source cannot be reached or is malformed; the sink cannot be written to, or cannot hold a column or a value.
    /// </exception>
    public static Task<long> WriteToAsync(this IDataSource source, IDataSink sink, CancellationToken cancellationToken = default) =>
        WriteAsync(source, sink, null, cancellationToken);

    /// <summary>
    /// Writes all rows of a source under a name to a sink that holds several tables, batch by batch. They take the place of an earlier
    /// table of that name when the task has ended; when it fails or is cancelled, the earlier one stays.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="sink">Where to.</param>
    /// <param name="table">The name, such as the day or the run that the rows are of.</param>
    /// <param name="cancellationToken">Cancels the reading and writing.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="MlOpsException">
    /// The source cannot be reached or is malformed; the sink cannot be written to, or cannot hold a column or a value.
    /// </exception>
    public static Task<long> WriteToAsync(
        this IDataSource source, ITableSink sink, string table, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        return WriteAsync(source, sink, table, cancellationToken);
    }

    private static async Task WriteAsync(Dataset rows, IDataSink sink, string? table, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(sink);
        var writer = await SinkWriter.OpenAsync(sink, rows.Schema, table, cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var batch in rows.ToBatches(ReadRequest.All.RowsOf(rows.Schema)))
            {
                await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<long> WriteAsync(IDataSource source, IDataSink sink, string? table, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sink);
        var reader = await ResilientReader.OpenAsync(source, ReadRequest.All, cancellationToken).ConfigureAwait(false);
        var writer = await SinkWriter.OpenAsync(sink, reader.Schema, table, reader, cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            await using (reader.ConfigureAwait(false))
            {
                await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                }
            }

            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            return writer.RowCount;
        }
    }
}
