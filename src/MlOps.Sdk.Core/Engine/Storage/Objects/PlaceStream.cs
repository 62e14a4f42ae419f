using System.Buffers;

namespace MlOps.Sdk.Storage;

/// <summary>Reads a range of an object, and no byte more, each read bounded in time. Not thread-safe.</summary>
internal sealed class PlaceStream(Stream inner, long length, ObjectCalls calls, string key, string problem) : ForwardStream
{
    private long _left = length;
    private bool _isDisposed;

    public override int Read(Span<byte> buffer)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            // Only an asynchronous read can be bounded in time.
            var read = ReadAsync(bytes.AsMemory(0, buffer.Length)).AsTask().GetAwaiter().GetResult();
            bytes.AsSpan(0, read).CopyTo(buffer);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        buffer = buffer[..(int)Math.Min(buffer.Length, _left)];
        if (buffer.IsEmpty) return 0;
        var read = await PlaceObjects.PassingAsync(calls.CallAsync(
            end => ReadSomeAsync(buffer, end), key, problem, cancellationToken)).ConfigureAwait(false);
        _left -= read;
        return read;
    }

    // The end of an answer that is too short is not the end of the range.
    private async Task<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read
            ? read
            : throw new EndOfStreamException("The answer ended before the range did.");

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
