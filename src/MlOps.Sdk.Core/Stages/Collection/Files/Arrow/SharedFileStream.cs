using Microsoft.Win32.SafeHandles;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Reads a file from its beginning, while others read it through the same handle. Not thread-safe itself; the handle stays open.
/// </summary>
internal sealed class SharedFileStream(SafeFileHandle file) : ForwardStream
{
    private long _position;

    public override int Read(Span<byte> buffer)
    {
        var read = RandomAccess.Read(file, buffer, _position);
        _position += read;
        return read;
    }
}
