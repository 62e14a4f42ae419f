using System.Buffers.Binary;

namespace MlOps.Sdk.Collection;

/// <summary>The end of a file of one column, without anything that the reader would interpret.</summary>
internal static class ChunkFooter
{
    private const string Name = "c";

    public static void Write(Stream to, ParquetColumn column, long values, int rows)
    {
        // A reader that misses values of the last page finds a page that no reader accepts.
        to.Write(ThriftWriter.ToBytes(new ThriftStruct
        {
            [1] = ThriftValue.Of(99),
            [2] = ThriftValue.Of(0),
            [3] = ThriftValue.Of(0),
        }));
        var footer = ThriftWriter.ToBytes(new ThriftStruct
        {
            [1] = ThriftValue.Of(1),
            [2] = ThriftValue.Of(ThriftType.Struct, [.. Schema(column).Select(ThriftValue.Of)]),
            [3] = ThriftValue.Of((long)rows),
            [4] = ThriftValue.Of(ThriftType.Struct, ThriftValue.Of(RowGroup(column, values, rows))),
        });
        to.Write(footer);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        to.Write(length);
        to.Write("PAR1"u8);
    }

    private static IEnumerable<ThriftStruct> Schema(ParquetColumn column)
    {
        yield return new ThriftStruct { [4] = ThriftValue.Of("root"), [5] = ThriftValue.Of(1) };
        if (column.Kind == ValueKind.Vector)
        {
            yield return Group(Name, column.Node.Repetition, isList: true);
            yield return Group("list", Repetition.Repeated, isList: false);
            yield return Leaf("element", column.Leaf);
        }
        else
        {
            yield return Leaf(Name, column.Leaf);
        }
    }

    private static ThriftStruct Group(string name, Repetition repetition, bool isList)
    {
        var group = new ThriftStruct
        {
            [3] = ThriftValue.Of((int)repetition),
            [4] = ThriftValue.Of(name),
            [5] = ThriftValue.Of(1),
        };
        if (isList) group[6] = ThriftValue.Of(3);
        return group;
    }

    private static ThriftStruct Leaf(string name, SchemaNode node)
    {
        // An INT96 is twelve bytes.
        var isInt96 = node.Physical == PhysicalType.Int96;
        return new ThriftStruct
        {
            [1] = ThriftValue.Of((int)(isInt96 ? PhysicalType.FixedLengthByteArray : node.Physical!.Value)),
            [2] = ThriftValue.Of(isInt96 ? 12 : node.TypeLength),
            [3] = ThriftValue.Of((int)node.Repetition),
            [4] = ThriftValue.Of(name),
        };
    }

    private static ThriftStruct RowGroup(ParquetColumn column, long values, int rows)
    {
        string[] path = column.Kind == ValueKind.Vector ? [Name, "list", "element"] : [Name];
        var type = column.Leaf.Physical == PhysicalType.Int96 ? PhysicalType.FixedLengthByteArray : column.Leaf.Physical!.Value;
        var data = new ThriftStruct
        {
            [1] = ThriftValue.Of((int)type),
            [2] = ThriftValue.Of(ThriftType.Int32, ThriftValue.Of(0)),
            [3] = ThriftValue.Of(ThriftType.Binary, [.. path.Select(ThriftValue.Of)]),
            [4] = ThriftValue.Of(0),
            [5] = ThriftValue.Of(values),
            [6] = ThriftValue.Of(0L),
            [7] = ThriftValue.Of(0L),
            [9] = ThriftValue.Of((long)FileLayout.MagicLength),
        };
        return new ThriftStruct
        {
            [1] = ThriftValue.Of(
                ThriftType.Struct,
                ThriftValue.Of(new ThriftStruct { [2] = ThriftValue.Of(0L), [3] = ThriftValue.Of(data) })),
            [2] = ThriftValue.Of(0L),
            [3] = ThriftValue.Of((long)rows),
        };
    }
}
