using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>Bytes that were read already, and then the rest of the stream they are from, which stays open. Not thread-safe.</summary>
internal sealed class PrefixedStream(byte[] start, Stream rest) : ForwardStream
{
    private int _at;

    public override int Read(Span<byte> buffer)
    {
        if (_at == start.Length) return rest.Read(buffer);
        var count = Math.Min(buffer.Length, start.Length - _at);
        start.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }
}
