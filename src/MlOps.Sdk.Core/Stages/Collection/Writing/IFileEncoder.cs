using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Writes a table to a stream in one format: begun, batch after batch, completed. Not thread-safe.</summary>
internal interface IFileEncoder
{
    ValueTask BeginAsync(Schema schema, CancellationToken cancellationToken);

    ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken);

    ValueTask CompleteAsync(CancellationToken cancellationToken);
}
