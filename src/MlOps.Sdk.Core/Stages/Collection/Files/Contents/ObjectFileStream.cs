using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Reads an object of a store: from its beginning to its end in one request, or the ranges that are announced, each at once. A connection
/// that breaks is opened again where it broke, which is safe because the content is fixed by its ETag. Not thread-safe.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="stored">The object.</param>
/// <param name="cancellationToken">Cancels reads that have no token, which wait on their thread.</param>
internal sealed class ObjectFileStream(IObjectStore store, StoredObject stored, CancellationToken cancellationToken) : Stream, IRangedFile
{
    // More of a range than this is fetched piece by piece.
    private const int MaxWindow = 64 << 20;
    private const int MostBreaks = 3;
    private readonly CancellationToken _stop = cancellationToken;
    private byte[] _window = [];
    private long _windowStart;
    private (long From, long End) _expected;
    private Stream? _inner;
    private long _innerAt;
    private long _position;
    private int _breaks;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => stored.Size;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public void Expect(long from, long length) => _expected = (from, Math.Min(from + length, stored.Size));

    public override int Read(Span<byte> buffer)
    {
        var bytes = new byte[buffer.Length];
        var read = ReadAsync(bytes, _stop).AsTask().GetAwaiter().GetResult();
        bytes.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count), _stop).AsTask().GetAwaiter().GetResult();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (buffer.IsEmpty || _position >= stored.Size) return 0;
        if (!IsInWindow && _position >= _expected.From && _position < _expected.End)
        {
            // What is announced is fetched whole, also where it is read from its middle.
            var from = _expected.End - _expected.From <= MaxWindow ? _expected.From : _position;
            await FetchAsync(from, (int)Math.Min(_expected.End - from, MaxWindow), cancellationToken).ConfigureAwait(false);
        }

        int read;
        if (IsInWindow)
        {
            var bytes = _window.AsMemory((int)(_position - _windowStart));
            read = Math.Min(buffer.Length, bytes.Length);
            bytes[..read].CopyTo(buffer);
        }
        else
        {
            read = await ReadOnAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        _position += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => stored.Size + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) CloseInner();
        base.Dispose(disposing);
    }

    private bool IsInWindow => _position >= _windowStart && _position < _windowStart + _window.Length;

    private async Task FetchAsync(long from, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        for (var got = 0; got < count;)
        {
            try
            {
                var range = await store.OpenAsync(stored, from + got, count - got, cancellationToken).ConfigureAwait(false);
                await using (range.ConfigureAwait(false))
                {
                    while (got < count)
                    {
                        var read = await range.ReadAsync(bytes.AsMemory(got), cancellationToken).ConfigureAwait(false);
                        if (read == 0) throw CutOff(from + got);
                        got += read;
                    }
                }
            }
            catch (Exception e) when (e is IOException or TimeoutException && _breaks++ < MostBreaks)
            {
                // Opened again behind what was read.
            }
        }

        (_window, _windowStart) = (bytes, from);
    }

    private async ValueTask<int> ReadOnAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_inner is null || _innerAt != _position)
                {
                    CloseInner();
                    _inner = await store.OpenAsync(stored, _position, stored.Size - _position, cancellationToken).ConfigureAwait(false);
                    _innerAt = _position;
                }
                var read = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (read == 0) throw CutOff(_position);
                _innerAt += read;
                return read;
            }
            catch (Exception e) when (e is IOException or TimeoutException && _breaks++ < MostBreaks)
            {
                CloseInner();
            }
        }
    }

    private void CloseInner()
    {
        _inner?.Dispose();
        _inner = null;
    }

    private IOException CutOff(long at) =>
        new(FormattableString.Invariant($"The object '{stored.Key}' was cut off after {at:N0} of {stored.Size:N0} bytes."));
}
