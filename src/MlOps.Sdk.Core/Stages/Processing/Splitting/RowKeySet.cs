using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// The keys of some rows, in their order, and the columns that the keys were made from, so that the same rows are recognized later,
/// also among rows with more columns.
/// </summary>
/// <param name="Columns">The columns, in the order of their names.</param>
/// <param name="Keys">A key per row.</param>
internal sealed record RowKeySet(IReadOnlyList<string> Columns, RowKey[] Keys)
{
    private const byte FormatVersion = 1;

    public byte[] Save()
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new BinaryOutput(bytes);
        writer.Byte(FormatVersion);
        writer.Int32(Columns.Count);
        foreach (var column in Columns) writer.Text(column);
        writer.Int32(Keys.Length);
        foreach (var key in Keys)
        {
            writer.Int64((long)key.High);
            writer.Int64((long)key.Low);
        }

        return bytes.WrittenSpan.ToArray();
    }

    public static RowKeySet Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "list of row keys");
        reader.Version(FormatVersion);
        var columns = new string[reader.Length(4)];
        for (var i = 0; i < columns.Length; i++) columns[i] = reader.Text();
        var keys = new RowKey[reader.Length(16)];
        for (var i = 0; i < keys.Length; i++)
        {
            var high = (ulong)reader.Int64();
            keys[i] = new RowKey(high, (ulong)reader.Int64());
        }

        reader.End();
        return new RowKeySet(columns, keys);
    }
}
