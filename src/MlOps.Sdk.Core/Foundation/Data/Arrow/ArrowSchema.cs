namespace MlOps.Sdk.Data;

/// <summary>Translates between a schema and its form in an Arrow file.</summary>
internal static class ArrowSchema
{
    // Schema.fbs, table Field: name, nullable, type_type, type, dictionary, children.
    private const int Name = 0;
    private const int Nullable = 1;
    private const int TypeKind = 2;
    private const int Type = 3;
    private const int Dictionary = 4;
    private const int Children = 5;

    private const string Supported = "Write numbers as float64, whole numbers as int64, texts as utf8 or dictionary-encoded utf8, and " +
        "use bool, timestamp and fixed-size lists of float32.";

    /// <summary>Writes a schema, and lets a field refer to it.</summary>
    public static void Write(FlatBufferWriter to, int at, IReadOnlyList<ArrowColumn> columns)
    {
        var schema = to.Table(0, 4); // endianness is little by default
        to.Link(at, schema.Start);
        var fields = to.Vector(schema[1], columns.Count, 4);
        for (var i = 0; i < columns.Count; i++) to.Link(fields + i * 4, WriteField(to, columns[i]));
    }

    /// <summary>Reads a schema.</summary>
    /// <exception cref="MlOpsException">It is damaged, or has a type that no column can hold.</exception>
    public static ArrowColumn[] Read(FlatTable schema, string source, Func<string, MlOpsException> damaged)
    {
        if (schema.Int16(0) != 0) throw Refused(source, null, "is big-endian", "Write the file on a little-endian machine.");
        schema.Structures(1, 4, out var count);
        if (count > ArrowFormat.MaxColumns) throw damaged("the number of columns is out of range");
        var columns = new ArrowColumn[count];
        for (var i = 0; i < count; i++) columns[i] = ReadField(schema.Element(1, i), source);
        return columns;
    }

    private static int WriteField(FlatBufferWriter to, ArrowColumn column)
    {
        var field = column.Field;
        var isVector = field.Type == ColumnType.Vector;
        var table = to.Table(4, 1, 1, 4, column.Dictionary is null ? (byte)0 : (byte)4, 4);
        to.SetByte(table[Nullable], 1);
        to.Text(table[Name], field.Name);
        WriteType(to, table, column);
        if (column.Dictionary is { } id)
        {
            var encoding = to.Table(8, 4); // id, indexType
            to.SetInt64(encoding[0], id);
            to.Link(table[Dictionary], encoding.Start);
            to.Link(encoding[1], Int(to, 32));
        }

        var children = to.Vector(table[Children], isVector ? 1 : 0, 4);
        if (!isVector) return table.Start;
        var item = to.Table(4, 1, 1, 4, 0, 4);
        to.Link(children, item.Start);
        to.Text(item[Name], "item");
        to.SetByte(item[TypeKind], ArrowFormat.FloatingPoint);
        to.Link(item[Type], FloatingPoint(to, ArrowFormat.Single));
        to.Vector(item[Children], 0, 4);
        return table.Start;
    }

    private static void WriteType(FlatBufferWriter to, FlatTableLayout table, ArrowColumn column)
    {
        var (kind, type) = column.Field.Type switch
        {
            ColumnType.Number => (ArrowFormat.FloatingPoint, FloatingPoint(to, ArrowFormat.Double)),
            ColumnType.Integer => (ArrowFormat.Int, Int(to, 64)),
            ColumnType.Boolean => (ArrowFormat.Bool, to.Table().Start),
            ColumnType.Timestamp => (ArrowFormat.Timestamp, Timestamp(to)),
            ColumnType.Vector => (ArrowFormat.FixedSizeList, List(to, column.Field.Length)),
            _ => (ArrowFormat.Utf8, to.Table().Start),
        };
        to.SetByte(table[TypeKind], kind);
        to.Link(table[Type], type);
    }

    private static int Int(FlatBufferWriter to, int bits)
    {
        var type = to.Table(4, 1); // bitWidth, is_signed
        to.SetInt32(type[0], bits);
        to.SetByte(type[1], 1);
        return type.Start;
    }

    private static int FloatingPoint(FlatBufferWriter to, short precision)
    {
        var type = to.Table(2);
        to.SetInt16(type[0], precision);
        return type.Start;
    }

    private static int Timestamp(FlatBufferWriter to)
    {
        var type = to.Table(2, 4); // unit, timezone
        to.SetInt16(type[0], ArrowFormat.Microsecond);
        to.Text(type[1], "UTC");
        return type.Start;
    }

    private static int List(FlatBufferWriter to, int length)
    {
        var type = to.Table(4);
        to.SetInt32(type[0], length);
        return type.Start;
    }

    private static ArrowColumn ReadField(FlatTable field, string source)
    {
        var name = field.Text(Name) ?? "";
        var kind = field.Byte(TypeKind);
        if (field.Has(Dictionary))
        {
            var encoding = field.Table(Dictionary);
            if (kind != ArrowFormat.Utf8) throw Refused(source, name, $"is a dictionary of {ArrowFormat.NameOf(kind)}", Supported);
            var (bits, isSigned) = encoding.Has(1) ? (encoding.Table(1).Int32(0), encoding.Table(1).Byte(1) != 0) : (32, true);
            if (!isSigned || bits is not (8 or 16 or 32))
            {
                throw Refused(
                    source,
                    name,
                    $"has dictionary codes of {bits} {(isSigned ? "" : "unsigned ")}bits",
                    "Write codes as int8, int16 or int32.");
            }
            return new ArrowColumn(new Field(name, ColumnType.Text), encoding.Int64(0), bits / 8);
        }

        switch (kind)
        {
            case ArrowFormat.Utf8: return new ArrowColumn(new Field(name, ColumnType.Text));
            case ArrowFormat.Bool: return new ArrowColumn(new Field(name, ColumnType.Boolean));
            case ArrowFormat.Int when field.Table(Type) is var type && type.Int32(0) == 64 && type.Byte(1) != 0:
                return new ArrowColumn(new Field(name, ColumnType.Integer));
            case ArrowFormat.Int:
                throw Refused(
                    source,
                    name,
                    $"holds {(field.Table(Type).Byte(1) != 0 ? "" : "unsigned ")}whole numbers of {field.Table(Type).Int32(0)} bits",
                    Supported);
            case ArrowFormat.FloatingPoint when field.Table(Type).Int16(0) == ArrowFormat.Double:
                return new ArrowColumn(new Field(name, ColumnType.Number));
            case ArrowFormat.FloatingPoint:
                throw Refused(
                    source,
                    name,
                    field.Table(Type).Int16(0) == ArrowFormat.Single ? "holds float32 numbers" : "holds float16 numbers",
                    Supported);
            case ArrowFormat.Timestamp:
                var unit = field.Table(Type).Int16(0);
                return unit is >= 0 and <= 3
                    ? new ArrowColumn(new Field(name, ColumnType.Timestamp), TimeUnit: unit)
                    : throw Refused(source, name, "has an unknown unit of time", Supported);
            case ArrowFormat.FixedSizeList:
                var length = field.Table(Type).Int32(0);
                var item = field.Element(Children, 0);
                if (item.Byte(TypeKind) != ArrowFormat.FloatingPoint
                    || item.Has(Dictionary)
                    || item.Table(Type).Int16(0) != ArrowFormat.Single)
                {
                    throw Refused(source, name, $"is a fixed-size list of {ArrowFormat.NameOf(item.Byte(TypeKind))}", Supported);
                }
                return length is >= 1 and <= ArrowFormat.MaxVectorLength
                    ? new ArrowColumn(new Field(name, ColumnType.Vector, length))
                    : throw Refused(
                        source, name, $"holds lists of {length} numbers", $"Use lists of 1 to {ArrowFormat.MaxVectorLength} numbers.");
            default: throw Refused(source, name, $"has the type {ArrowFormat.NameOf(kind)}", Supported);
        }
    }

    private static MlOpsException Refused(string source, string? column, string what, string remedy) =>
        new(
            column is null
                ? $"The Arrow file {what}."
                : $"The column '{PrintableText.Shorten(column)}' of the Arrow file {what}, which is not supported.",
            remedy) { DataSource = source, Column = column };
}
