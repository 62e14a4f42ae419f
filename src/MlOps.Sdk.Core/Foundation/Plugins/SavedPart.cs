using System.Buffers;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Plugins;

/// <summary>The saved bytes of a plug-in and the format id that they are read by.</summary>
internal sealed record SavedPart([property: JsonRequired] string FormatId, [property: JsonRequired] byte[] Bytes)
{
    public static SavedPart Of(string formatId, Action<IBufferWriter<byte>> save)
    {
        var buffer = new ArrayBufferWriter<byte>();
        save(buffer);
        return new SavedPart(formatId, buffer.WrittenSpan.ToArray());
    }
}
