namespace MlOps.Sdk.Data;

/// <summary>
/// The layout of a snapshot: magic and version; a schema block; batch blocks; an end block with the totals.
/// A block is its kind (1 byte), the length of its payload (4), the payload, and a checksum (16) over all of these.
/// Everything is little-endian; a batch is stored column by column with a bit per row for its validity.
/// </summary>
internal static class SnapshotFormat
{
    public const byte SchemaBlock = 1;
    public const byte BatchBlock = 2;
    public const byte EndBlock = 3;
    public const int HeaderLength = 5;
    public const int ChecksumLength = 16;
    public const int MaxColumns = 100_000;
    public const int MaxVectorLength = 1_000_000;

    public static ReadOnlySpan<byte> Magic => "MLSNAP\x00\x01"u8;
}
