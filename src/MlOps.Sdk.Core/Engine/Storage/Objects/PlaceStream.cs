using System.Buffers;

namespace MlOps.Sdk.Storage;

/// <summary>Reads a range of an object, and no byte more, each read bounded in time. Not thread-safe.</summary>
internal sealed class PlaceStream(Stream inner, long length, ObjectCalls calls, string key, string problem) : ForwardStream
{
    private long _left = length;

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
        buffer = buffer[..(int)Math.Min(buffer.Length, _left)];
        if (buffer.IsEmpty) return 0;
        var read = await PlaceObjects.PassingAsync(calls.CallAsync(
            end => inner.ReadAsync(buffer, end).AsTask(), key, problem, cancellationToken)).ConfigureAwait(false);
        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
