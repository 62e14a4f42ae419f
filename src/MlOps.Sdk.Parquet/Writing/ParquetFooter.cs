using System.Buffers.Binary;
using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Corrects what Parquet.Net says of a file: names, types, statistics, and the order that these follow.</summary>
internal static class ParquetFooter
{
    private static readonly ThriftStruct Empty = new();

    /// <summary>The name of a column while the file is written.</summary>
    public static string NameOf(int index) => FormattableString.Invariant($"c{index}");

    /// <param name="to">The file.</param>
    /// <param name="written">What Parquet.Net says.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="partition">The columns of the path.</param>
    /// <param name="statistics">The statistics of each row group.</param>
    public static void Write(
        Stream to, byte[] written, Schema schema, IReadOnlyList<Field> partition, IReadOnlyList<ThriftStruct[]> statistics)
    {
        var meta = new ThriftReader(written).ReadStruct();
        var ordinals = Enumerable.Range(0, schema.Count).ToDictionary(NameOf, StringComparer.Ordinal);
        foreach (var element in meta.Structs(2)!.Skip(1))
        {
            if (!ordinals.TryGetValue(element.Text(4)!, out var i)) continue;
            element[4] = ThriftValue.Of(schema[i].Name);
            if (schema[i].Type == ColumnType.Timestamp) SetTimestamp(element);
            else if (schema[i].Type == ColumnType.Integer) Clear(element);
        }

        foreach (var (group, values) in meta.Structs(4)!.Zip(statistics))
        {
            foreach (var (i, chunk) in group.Structs(1)!.Index())
            {
                var data = chunk.Struct(3)!;
                var path = data.List(3, ThriftType.Binary)!;
                data[3] = ThriftValue.Of(ThriftType.Binary, [ThriftValue.Of(schema[i].Name), .. path.Skip(1)]);
                data[12] = ThriftValue.Of(values[i]);
            }
        }

        var order = new ThriftStruct { [1] = ThriftValue.Of(Empty) };
        meta[5] = Remarks(schema, partition);
        meta[7] = ThriftValue.Of(ThriftType.Struct, [.. schema.Select(_ => ThriftValue.Of(order))]);
        if (meta.List(5, ThriftType.Struct)!.Count == 0) meta.Remove(5);
        var footer = ThriftWriter.ToBytes(meta);
        to.Write(footer);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        to.Write(length);
        to.Write("PAR1"u8);
    }

    private static ThriftValue Remarks(Schema schema, IReadOnlyList<Field> partition) => ThriftValue.Of(ThriftType.Struct,
    [
        .. schema
            .Where(field => field.Type == ColumnType.Vector)
            .Select(field => Remark(FileLayout.VectorKey + field.Name, field.Length.ToString(CultureInfo.InvariantCulture))),
        .. partition.Select(field => Remark(FileLayout.PartitionKey + field.Name, field.Type.ToString())),
    ]);

    private static ThriftValue Remark(string key, string value) =>
        ThriftValue.Of(new ThriftStruct { [1] = ThriftValue.Of(key), [2] = ThriftValue.Of(value) });

    private static void SetTimestamp(ThriftStruct element)
    {
        Clear(element);
        var unit = new ThriftStruct { [2] = ThriftValue.Of(Empty) };
        var timestamp = new ThriftStruct { [1] = ThriftValue.Of(true), [2] = ThriftValue.Of(unit) };
        element[6] = ThriftValue.Of(10);
        element[10] = ThriftValue.Of(new ThriftStruct { [8] = ThriftValue.Of(timestamp) });
    }

    private static void Clear(ThriftStruct element)
    {
        element.Remove(6);
        element.Remove(10);
    }
}
