using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>A column of a file that a column of the library can hold.</summary>
/// <param name="Field">Its name and type; the length of a vector is known only once values were seen.</param>
/// <param name="Kind">What its values mean.</param>
/// <param name="Node">Its place in the schema.</param>
internal sealed record ParquetColumn(Field Field, ValueKind Kind, SchemaNode Node)
{
    private const string Supported = "Write numbers, whole numbers, decimals, texts, booleans, dates, timestamps, or lists of float32 of " +
        "one length; or read other columns.";

    /// <summary>The node that has the values: of a vector, its elements.</summary>
    public SchemaNode Leaf => Kind == ValueKind.Vector ? Node.Children[0].Children[0] : Node;

    /// <summary>Whether a level says of each value whether it is there.</summary>
    public bool HasDefinitions => Kind == ValueKind.Vector || Node.Repetition == Repetition.Optional;

    /// <summary>Whether a level says of each value whether a row begins with it.</summary>
    public bool HasRepetitions => Kind == ValueKind.Vector;

    /// <summary>Whether values are bytes in the pages, which are kept then.</summary>
    public bool KeepsPages =>
        Leaf.Physical is PhysicalType.ByteArray or PhysicalType.FixedLengthByteArray or PhysicalType.Int96;

    /// <summary>The memory that a value takes with its levels, without bytes that it refers to.</summary>
    public int BytesOfValue => (HasDefinitions ? sizeof(int) : 0) + (HasRepetitions ? sizeof(int) : 0) + Leaf.Physical switch
    {
        PhysicalType.Boolean => 2,
        PhysicalType.Int32 or PhysicalType.Float => sizeof(int),
        PhysicalType.Int64 or PhysicalType.Double => sizeof(long),
        _ => 16,
    };

    /// <summary>The position of the values among the columns of a row group.</summary>
    public int Chunk => Node.FirstLeaf;

    /// <exception cref="MlOpsException">The column has a type that no column of the library can hold.</exception>
    public static ParquetColumn Of(SchemaNode node, string file)
    {
        var kind = node.Physical is null ? KindOfGroup(node) : KindOf(node);
        if (kind is { } known && (node.Physical is null || node.Repetition != Repetition.Repeated))
        {
            return new ParquetColumn(new Field(node.Name, TypeOf(known)), known, node);
        }
        throw ParquetFailure.Refused(file, node.Name, What(node), Supported);
    }

    private static ColumnType TypeOf(ValueKind kind) => kind switch
    {
        ValueKind.Boolean => ColumnType.Boolean,
        ValueKind.Int32 or ValueKind.UInt32 or ValueKind.Int64 or ValueKind.UInt64 => ColumnType.Integer,
        ValueKind.Half or ValueKind.Single or ValueKind.Double or ValueKind.Decimal => ColumnType.Number,
        ValueKind.Text or ValueKind.Uuid => ColumnType.Text,
        ValueKind.Vector => ColumnType.Vector,
        _ => ColumnType.Timestamp,
    };

    // A list of three levels, as every writer of today makes it.
    private static ValueKind? KindOfGroup(SchemaNode node) =>
        (node.Converted == 3 || node.Logical(3) is not null)
        && node.Repetition != Repetition.Repeated
        && node.Children is [{ Physical: null, Repetition: Repetition.Repeated, Children: [{ Physical: PhysicalType.Float } element] }]
        && element.Repetition != Repetition.Repeated
            ? ValueKind.Vector
            : null;

    private static ValueKind? KindOf(SchemaNode node) => node.Physical switch
    {
        PhysicalType.Boolean => ValueKind.Boolean,
        PhysicalType.Int32 => KindOfInt32(node),
        PhysicalType.Int64 => KindOfInt64(node),
        PhysicalType.Int96 => ValueKind.Int96,
        PhysicalType.Float => ValueKind.Single,
        PhysicalType.Double => ValueKind.Double,
        PhysicalType.ByteArray when IsDecimal(node) => ValueKind.Decimal,
        // Texts, enumerations and JSON.
        PhysicalType.ByteArray when node.Converted is 0 or 4 or 19 => ValueKind.Text,
        PhysicalType.ByteArray when (node.Logical(1) ?? node.Logical(4) ?? node.Logical(12)) is not null => ValueKind.Text,
        PhysicalType.FixedLengthByteArray when node.TypeLength is < 1 or > 1024 => null,
        PhysicalType.FixedLengthByteArray when IsDecimal(node) => ValueKind.Decimal,
        PhysicalType.FixedLengthByteArray when node.Logical(14) is not null && node.TypeLength == 16 => ValueKind.Uuid,
        PhysicalType.FixedLengthByteArray when node.Logical(15) is not null && node.TypeLength == 2 => ValueKind.Half,
        _ => null,
    };

    private static bool IsDecimal(SchemaNode node) =>
        (node.Converted == 5 || node.Logical(5) is not null) && node.Scale is >= 0 and <= 1000;

    private static ValueKind? KindOfInt32(SchemaNode node)
    {
        if (IsDecimal(node)) return ValueKind.Decimal;
        if (node.Converted == 6 || node.Logical(6) is not null) return ValueKind.Date;
        if (node.Logical(10) is { } integer) return integer.Flag(2) == false ? ValueKind.UInt32 : ValueKind.Int32;
        return node.Converted switch
        {
            null when !node.HasLogical => ValueKind.Int32,
            11 or 12 or 13 => ValueKind.UInt32,
            15 or 16 or 17 => ValueKind.Int32,
            _ => null,
        };
    }

    private static ValueKind? KindOfInt64(SchemaNode node)
    {
        if (IsDecimal(node)) return ValueKind.Decimal;
        if (node.Logical(8)?.Struct(2) is { } unit)
        {
            return unit.Has(1) ? ValueKind.Milliseconds
                : unit.Has(2) ? ValueKind.Microseconds
                : unit.Has(3) ? ValueKind.Nanoseconds : null;
        }
        if (node.Logical(10) is { } integer) return integer.Flag(2) == false ? ValueKind.UInt64 : ValueKind.Int64;
        return node.Converted switch
        {
            null when !node.HasLogical => ValueKind.Int64,
            9 => ValueKind.Milliseconds,
            10 => ValueKind.Microseconds,
            14 => ValueKind.UInt64,
            18 => ValueKind.Int64,
            _ => null,
        };
    }

    private static string What(SchemaNode node)
    {
        if (node.Converted is 1 or 2 || node.Logical(2) is not null) return "is a map";
        if (node.Converted == 3 || node.Logical(3) is not null) return "is a list of something else than float32";
        if (node.Physical is null) return "is a group of columns";
        if (node.Repetition == Repetition.Repeated) return "has several values in a row";
        if (node.Logical(7) is not null || node.Converted is 7 or 8) return "holds times of day";
        return node.Physical is PhysicalType.ByteArray or PhysicalType.FixedLengthByteArray ? "holds bytes" : "has a type of its own";
    }
}
