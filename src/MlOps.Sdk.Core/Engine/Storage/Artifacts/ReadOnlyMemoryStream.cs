namespace MlOps.Sdk.Storage;

/// <summary>Bytes in memory as a forward-only stream, without a copy.</summary>
internal sealed class ReadOnlyMemoryStream(ReadOnlyMemory<byte> content) : ForwardStream
{
    private int _position;

    public override int Read(Span<byte> buffer)
    {
        var read = Math.Min(buffer.Length, content.Length - _position);
        content.Span.Slice(_position, read).CopyTo(buffer);
        _position += read;
        return read;
    }
}
