using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Computes the keys of rows. Not thread-safe.</summary>
internal interface IRowKeyHasher
{
    /// <summary>Computes the key of each row; the default key where a row has none.</summary>
    void Compute(RecordBatch batch, Span<RowKey> keys);
}
