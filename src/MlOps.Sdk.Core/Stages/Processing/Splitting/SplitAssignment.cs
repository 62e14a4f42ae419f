using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>One split: all rows are observed, then all are assigned. Not thread-safe.</summary>
public abstract class SplitAssignment
{
    /// <summary>Looks at rows before any is assigned. Default: nothing, for splitters that judge each row by itself.</summary>
    /// <param name="batch">The rows.</param>
    public virtual void Observe(RecordBatch batch)
    {
    }

    /// <summary>Decides the side of each row of a batch.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="keys">The identity of each row: of its key columns, else of its content without the label, as collected.</param>
    /// <param name="sides">Where to write the side of each row.</param>
    /// <exception cref="MlOpsException">The rows that were observed cannot be split.</exception>
    public abstract void Assign(RecordBatch batch, ReadOnlySpan<RowKey> keys, Span<SplitSide> sides);
}
