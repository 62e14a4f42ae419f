using System.Buffers;

namespace MlOps.Sdk.Features;

/// <summary>The saved bytes of a plug-in and the format id that they are read by.</summary>
internal sealed record FormattedPart(string FormatId, byte[] Bytes)
{
    public static FormattedPart Of(string formatId, Action<IBufferWriter<byte>> save)
    {
        var buffer = new ArrayBufferWriter<byte>();
        save(buffer);
        return new FormattedPart(formatId, buffer.WrittenSpan.ToArray());
    }
}
