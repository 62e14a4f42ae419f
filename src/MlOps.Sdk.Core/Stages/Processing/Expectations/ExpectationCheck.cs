using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>One pass of an expectation over rows, batch by batch. Not thread-safe.</summary>
public abstract class ExpectationCheck
{
    /// <summary>Reads what the check needs besides the rows; called once, before the first batch. Default: nothing.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">What it needs cannot be read, or does not fit the rows.</exception>
    public virtual ValueTask PrepareAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <param name="personal">Columns whose values may be kept in no name and no message.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    internal virtual ValueTask PrepareAsync(IReadOnlyCollection<string> personal, CancellationToken cancellationToken) =>
        PrepareAsync(cancellationToken);

    /// <summary>Checks the rows of a batch. Failed rows are counted by the caller.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="failed">
    /// One element per row, <see langword="false"/> before the call: set to <see langword="true"/> where the row fails.
    /// </param>
    public abstract void Check(RecordBatch batch, Span<bool> failed);

    /// <summary>The value of a failed row, for the report. Default: none.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="row">The failed row, from 0.</param>
    public virtual string? Show(RecordBatch batch, int row) => null;

    /// <summary>
    /// What is wrong with the rows as a whole, after the last batch; <see langword="null"/> (the default) when nothing is.
    /// </summary>
    public virtual string? Complete() => null;
}
