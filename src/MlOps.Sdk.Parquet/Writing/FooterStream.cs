namespace MlOps.Sdk.Collection;

/// <summary>Passes the values of a file on, and keeps what Parquet.Net says of them, to correct it.</summary>
internal sealed class FooterStream(Stream inner) : Stream
{
    private MemoryStream? _footer;
    private long _position;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _position;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>From now on, what is written is kept.</summary>
    public void Keep() => _footer = new MemoryStream();

    /// <summary>What was kept; from now on, what is written is passed on again.</summary>
    public byte[] Take()
    {
        var kept = _footer!.ToArray();
        _footer = null;
        return kept;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _footer is null ? inner.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        (_footer ?? inner).Write(buffer);
        _position += buffer.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
