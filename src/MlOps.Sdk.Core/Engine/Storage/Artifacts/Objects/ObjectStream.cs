using System.Buffers;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Reads an object from its beginning to its end, each read bounded in time. A connection that breaks is opened again where it broke: what
/// is read is verified at its end, so that a changed object is found. Not thread-safe.
/// </summary>
internal sealed class ObjectStream(ObjectCalls calls, string key, ArtifactId id) : ForwardStream
{
    private const int MostBreaks = 3;

    private Stream? _inner;
    private long _position;
    private int _breaks;

    /// <exception cref="MlOpsException">There is no such object, or it cannot be read.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken) => _inner = await calls.CallAsync(
        end => calls.Place.OpenAsync(key, new ObjectRange(_position), end), key, Problem, cancellationToken).ConfigureAwait(false)
            ?? throw new MlOpsException(
                $"The artifact {id} is missing.",
                "Restore the object from a backup or an earlier version of it, or run the stage that created it again.")
            {
                DataSource = calls.Place.AddressOf(key),
            };

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
        while (true)
        {
            if (_inner is null) await OpenAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var read = await calls.CallAsync(
                    end => _inner!.ReadAsync(buffer, end).AsTask(), key, Problem, cancellationToken).ConfigureAwait(false);
                _position += read;
                return read;
            }
            catch (MlOpsException e) when (e.InnerException is IOException or TimeoutException && _breaks++ < MostBreaks)
            {
                await _inner!.DisposeAsync().ConfigureAwait(false);
                _inner = null;
            }
        }
    }

    private string Problem => $"The artifact {id} cannot be read";

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner?.Dispose();
        base.Dispose(disposing);
    }
}
