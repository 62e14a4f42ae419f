using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// A step between the source and the snapshot. Set-wise steps implement this; row-wise ones <see cref="IRowProcessor"/>.
/// Implementations are thread-safe.
/// </summary>
public interface IDataProcessor
{
    /// <summary>
    /// Whether the step must see all rows before it can give the first, or remembers all of them, so that it has no place on a
    /// stream that never ends. Default: no.
    /// </summary>
    bool NeedsAllRows => false;

    /// <summary>The schema after the step, for a schema before it.</summary>
    /// <param name="input">The schema before.</param>
    /// <exception cref="MlOpsException">The step cannot work on this schema.</exception>
    Schema Bind(Schema input);

    /// <summary>Transforms the rows; reads its input as a stream where it can.</summary>
    /// <param name="rows">The batches before; the step owns them.</param>
    /// <param name="cancellationToken">Cancels the processing.</param>
    IAsyncEnumerable<RecordBatch> ProcessAsync(IAsyncEnumerable<RecordBatch> rows, CancellationToken cancellationToken = default);
}
