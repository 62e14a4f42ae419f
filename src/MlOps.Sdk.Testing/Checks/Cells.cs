using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Testing;

/// <summary>Rows as text that is equal exactly when the rows are, and other forms to compare by.</summary>
internal static class Cells
{
    public static string[] Of(
        RecordBatch batch) => [.. Enumerable.Range(0, batch.RowCount).Select(row => Row(batch.Schema, batch.Columns, row))];

    public static string[] Of(Dataset rows) => [.. Enumerable.Range(0, rows.RowCount).Select(row => Row(rows.Schema, rows.Columns, row))];

    public static RecordBatch Slice(RecordBatch batch, int start, int count) => batch.Take([.. Enumerable.Range(start, count)]);

    /// <summary>A key per row, of the named columns; of all when none is named.</summary>
    public static (ulong High, ulong Low)[] Keys(RecordBatch batch, IReadOnlyList<string> columns, string? label)
    {
        var chosen = new Schema(batch.Schema.Where(field => columns.Count > 0 ? columns.Contains(field.Name) : field.Name != label));
        var values = chosen.Select(field => batch[field.Name]).ToArray();
        var keys = new (ulong, ulong)[batch.RowCount];
        for (var row = 0; row < keys.Length; row++)
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Row(chosen, values, row)));
            keys[row] = (BitConverter.ToUInt64(hash, 0), BitConverter.ToUInt64(hash, 8));
        }

        return keys;
    }

    public static byte[] Save(Action<IBufferWriter<byte>> save)
    {
        var buffer = new ArrayBufferWriter<byte>();
        save(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Numbers as their bits: two NaN are equal when they are the same one, and −0 is not 0.</summary>
    public static ExactNumber[] Bits(double[] values) => Array.ConvertAll(values, value => new ExactNumber(value));

    /// <inheritdoc cref="Bits(double[])"/>
    public static ExactNumber[] Bits(float[] values) => Array.ConvertAll(values, value => new ExactNumber(value));

    private static string Row(Schema schema, IReadOnlyList<Column> columns, int row)
    {
        var text = new StringBuilder();
        for (var i = 0; i < columns.Count; i++)
        {
            var value = columns[i].GetText(row);
            text
                .Append(i == 0 ? "" : ", ")
                .Append(schema[i].Name)
                .Append(value is null ? " missing" : FormattableString.Invariant($"={value.Length}:{value}"));
        }

        return text.ToString();
    }
}
