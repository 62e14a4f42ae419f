namespace MlOps.Sdk.Data;

/// <summary>
/// Numbers of the Apache Arrow columnar format, version 1.0 and later: the IPC file format, uncompressed. Snapshots are such files, so that
/// pandas, Polars, DuckDB and JavaScript open them.
/// </summary>
/// <remarks>
/// Source: https://arrow.apache.org/docs/format/Columnar.html and the schemas Message.fbs, Schema.fbs and File.fbs of the format.
/// </remarks>
internal static class ArrowFormat
{
    public const short Version5 = 4;

    // Message.fbs, union MessageHeader.
    public const byte SchemaMessage = 1;
    public const byte DictionaryMessage = 2;
    public const byte BatchMessage = 3;

    // Schema.fbs, union Type.
    public const byte Int = 2;
    public const byte FloatingPoint = 3;
    public const byte Utf8 = 5;
    public const byte Bool = 6;
    public const byte Timestamp = 10;
    public const byte FixedSizeList = 16;

    // Schema.fbs, enum Precision.
    public const short Single = 1;
    public const short Double = 2;

    // Schema.fbs, enum TimeUnit.
    public const short Microsecond = 2;

    /// <summary>What stands before the length of a message.</summary>
    public const uint Continuation = 0xFFFF_FFFF;

    /// <summary>Buffers of a body begin at multiples of this.</summary>
    public const int Alignment = 64;

    public const int MaxColumns = 100_000;
    public const int MaxVectorLength = 1_000_000;

    /// <summary>The names of union Type, for messages.</summary>
    private static readonly string[] TypeNames =
    [
        "none",
        "null",
        "int",
        "floating point",
        "binary",
        "utf8",
        "bool",
        "decimal",
        "date",
        "time",
        "timestamp",
        "interval",
        "list",
        "struct",
        "union",
        "fixed-size binary",
        "fixed-size list",
        "map",
        "duration",
        "large binary",
        "large utf8",
        "large list",
        "run-end encoded",
        "binary view",
        "utf8 view",
        "list view",
        "large list view",
    ];

    /// <summary>Begins the file, and ends it.</summary>
    public static ReadOnlySpan<byte> Magic => "ARROW1"u8;

    public static string NameOf(byte type) => type < TypeNames.Length ? TypeNames[type] : $"unknown type {type}";
}
