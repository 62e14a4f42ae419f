using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// A table that is being written. Disposing of a writer that was not completed leaves nothing of it behind, and what was there before stays
/// as it was. Not thread-safe.
/// </summary>
public interface IDataWriter : IAsyncDisposable
{
    /// <summary>Writes rows behind those before. The batch may be used again afterwards.</summary>
    /// <param name="batch">The rows; may be none.</param>
    /// <param name="cancellationToken">Cancels the writing; the writer can then only be disposed of.</param>
    /// <exception cref="ArgumentException">The batch has other columns than the table.</exception>
    /// <exception cref="InvalidOperationException">The table is completed, or writing failed before.</exception>
    /// <exception cref="MlOpsException">The rows cannot be written; the writer can then only be disposed of.</exception>
    ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Makes the whole table show at once. Called once, behind the last batch; a table may have no rows.</summary>
    /// <param name="cancellationToken">Cancels until the table shows.</param>
    /// <exception cref="InvalidOperationException">The table is completed, or writing failed before.</exception>
    /// <exception cref="MlOpsException">The table cannot be completed, and does not show.</exception>
    ValueTask CompleteAsync(CancellationToken cancellationToken = default);
}
