using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Rows on their way through the steps, with the keys that they had when they were collected.</summary>
/// <param name="Batch">The rows.</param>
/// <param name="Keys">A key per row.</param>
/// <param name="Before">The same rows before the first row-wise step that is packaged; <see langword="null"/> while there was none.</param>
internal readonly record struct KeyedBatch(RecordBatch Batch, RowKey[] Keys, RecordBatch? Before = null)
{
    /// <summary>The rows as a model that is served receives them.</summary>
    public RecordBatch Raw => Before ?? Batch;

    /// <summary>
    /// What represents the key of a row that has none, and tells which row it is. A key hashes to one of these with a probability of 2^-64.
    /// </summary>
    /// <param name="row">The row, from 1.</param>
    public static RowKey NoKey(long row) => new(0, (ulong)row);

    /// <summary>Whether a key is that of a row without one.</summary>
    public static bool HasNoKey(RowKey key) => key is { High: 0, Low: > 0 };

    /// <summary>Rows whose keys are not known yet, or needed by nobody.</summary>
    public static KeyedBatch Of(RecordBatch batch) => new(batch, new RowKey[batch.RowCount]);

    /// <inheritdoc cref="Of(RecordBatch)"/>
    public static async IAsyncEnumerable<KeyedBatch> Of(
        IAsyncEnumerable<RecordBatch> batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in batches.WithCancellation(cancellationToken).ConfigureAwait(false)) yield return Of(batch);
    }

    /// <summary>The rows alone.</summary>
    public static async IAsyncEnumerable<RecordBatch> WithoutKeys(
        IAsyncEnumerable<KeyedBatch> batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var rows in batches.WithCancellation(cancellationToken).ConfigureAwait(false)) yield return rows.Batch;
    }

    public KeyedBatch Take(IReadOnlyList<int> rows)
    {
        if (rows.Count == Batch.RowCount) return this;
        int[] taken = [.. rows];
        var keys = Keys;
        return new KeyedBatch(Batch.Take(taken), Array.ConvertAll(taken, row => keys[row]), Before?.Take(taken));
    }
}
