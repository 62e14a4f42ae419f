using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Rows on their way through the steps, with the keys that they had when they were collected.</summary>
/// <param name="Batch">The rows.</param>
/// <param name="Keys">A key per row.</param>
internal readonly record struct KeyedBatch(RecordBatch Batch, RowKey[] Keys)
{
    public KeyedBatch Take(IReadOnlyList<int> rows)
    {
        if (rows.Count == Batch.RowCount) return this;
        int[] taken = [.. rows];
        var keys = Keys;
        return new KeyedBatch(Batch.Take(taken), Array.ConvertAll(taken, row => keys[row]));
    }
}
