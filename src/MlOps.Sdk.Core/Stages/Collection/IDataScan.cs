using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>An open source: its schema, and its rows in batches. Not thread-safe.</summary>
public interface IDataScan : IAsyncDisposable
{
    /// <summary>The columns.</summary>
    Schema Schema { get; }

    /// <summary>What identifies the content, where the source can tell without handing out every row.</summary>
    ContentVersion? Version { get; }

    /// <summary>
    /// What identifies the content of other tables in which values of the rows were looked up, where there are any;
    /// <see cref="Version"/> covers it.
    /// </summary>
    ContentVersion? ReferenceVersion => null;

    /// <summary>What was asked of the source where that is not all of it, for example a query; for lineage, without secrets.</summary>
    string? Query => null;

    /// <summary>
    /// What the source noticed about its content that somebody should look at, as sentences. Asked for at the beginning,
    /// and again once all rows are read.
    /// </summary>
    IReadOnlyList<string> Notes => [];

    /// <summary>
    /// Whether reading can start again at a position, so that a failed read can be retried without losing or doubling rows.
    /// </summary>
    bool IsRepeatable { get; }

    /// <summary>
    /// Once all rows are read: what to request as <see cref="ReadRequest.After"/> to read only what comes later;
    /// <see langword="null"/> where the source cannot tell.
    /// </summary>
    Watermark? Watermark => null;

    /// <summary>
    /// Hands over the rows that could not be read since the last call. Called after each batch, and once again at the end.
    /// </summary>
    IReadOnlyList<MalformedRow> TakeMalformed() => [];

    /// <summary>Reads the rows. The consumer owns each batch; one without rows says that malformed ones can be taken.</summary>
    /// <param name="from">
    /// Where to continue; <see langword="null"/> for the start. Other positions only where <see cref="IsRepeatable"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">The content is malformed: the message names file, line and column where they apply.</exception>
    IAsyncEnumerable<RecordBatch> ReadAsync(Position? from = null, CancellationToken cancellationToken = default);
}
