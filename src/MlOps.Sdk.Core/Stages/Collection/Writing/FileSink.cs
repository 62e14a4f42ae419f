using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// A file in one format. It is written beside under a temporary name, for the account of this process alone, and takes the place of one
/// that is there once it is whole. Thread-safe.
/// </summary>
internal sealed class FileSink(string path, Func<Stream, string, IFileEncoder> format) : IDataSink
{
    public string Name { get; } = Path.GetFileName(path);

    public async ValueTask<IDataWriter> OpenAsync(Schema schema, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        cancellationToken.ThrowIfCancellationRequested();
        var file = FileReplacement.Begin(path, Name);
        try
        {
            var encoder = format(file.Stream, Name);
            await encoder.BeginAsync(schema, cancellationToken).ConfigureAwait(false);
            return new Writer(file, encoder, schema, Name);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private sealed class Writer(FileReplacement file, IFileEncoder encoder, Schema schema, string name) : IDataWriter
    {
        private bool _isOpen = true;

        public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken = default)
        {
            SinkWriter.Check(batch, schema, _isOpen, name);
            cancellationToken.ThrowIfCancellationRequested();
            _isOpen = false;
            try
            {
                await encoder.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw file.Failure(e);
            }

            _isOpen = true;
        }

        public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
        {
            SinkWriter.Check(_isOpen);
            cancellationToken.ThrowIfCancellationRequested();
            _isOpen = false;
            try
            {
                await encoder.CompleteAsync(cancellationToken).ConfigureAwait(false);
                await file.CompleteAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw file.Failure(e);
            }
        }

        public ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
