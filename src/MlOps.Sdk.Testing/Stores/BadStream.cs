namespace MlOps.Sdk.Testing;

/// <summary>Begins well, then fails, or is read on until the reading is cancelled. Not thread-safe.</summary>
internal sealed class BadStream(Action tenth) : MemoryStream
{
    private int _reads;

    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
        CopyAsync(destination, bufferSize, cancellationToken);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (++_reads == 10) tenth();
        return ValueTask.FromResult(buffer.Length);
    }

    private async Task CopyAsync(Stream to, int bufferSize, CancellationToken cancellationToken)
    {
        var buffer = new byte[bufferSize];
        int read;
        while ((read = await ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }
    }
}
