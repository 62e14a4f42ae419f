namespace MlOps.Sdk.Collection;

/// <summary>Memory that says where it ends: who reads a byte behind it would otherwise read -1 for ever.</summary>
internal sealed class EndingStream : MemoryStream
{
    public override int ReadByte() => base.ReadByte() is >= 0 and var read ? read : throw new EndOfStreamException();
}
