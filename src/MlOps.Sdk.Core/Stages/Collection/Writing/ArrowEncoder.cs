using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Writes a table as an Arrow IPC file. Not thread-safe.</summary>
internal sealed class ArrowEncoder(Stream stream) : IFileEncoder
{
    private readonly ArrowWriter _writer = new(stream);

    public ValueTask BeginAsync(Schema schema, CancellationToken cancellationToken) => _writer.BeginAsync(schema, cancellationToken);

    public ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken) => _writer.WriteAsync(batch, cancellationToken);

    public ValueTask CompleteAsync(CancellationToken cancellationToken) => _writer.CompleteAsync(cancellationToken);
}
