// begin-snippet: custom-row-processor
using System.Buffers;
using System.Text.Json;
using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;

namespace Acme;

/// <summary>Lowers every number above a bound to the bound. Row-wise, so it is part of the package and runs again when serving.</summary>
public sealed class CapColumn(string column, double highest) : IRowProcessor
{
    public const string Format = "acme.cap/1";

    public string FormatId => Format;

    public void Save(IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        json.WriteString("column", column);
        json.WriteNumber("highest", highest);
        json.WriteEndObject();
    }

    public RowBinding BindRows(Schema input)
    {
        var index = input.IndexOf(column);
        var fields = input.Select((field, i) => i == index ? new Field(column, ColumnType.Number) : field);
        var columns = input.Select((_, i) => i == index ? OutputColumn.Computed(Cap) : OutputColumn.PassThrough(i));
        return new RowBinding(new Schema(fields), [.. columns]);

        void Cap(in RowBlock rows, ColumnBuilder output)
        {
            var numbers = (NumberColumnBuilder)output;
            for (var row = 0; row < rows.Count; row++)
            {
                if (rows.IsNull(index, row)) numbers.AppendNull();
                else numbers.Append(Math.Min(rows.Number(index, row), highest));
            }
        }
    }
}
// end-snippet
