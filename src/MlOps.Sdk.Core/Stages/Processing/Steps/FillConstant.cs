using System.Buffers;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Puts a constant where a column has no value.</summary>
internal sealed class FillConstant(string column, string value) : IRowProcessor
{
    public const string Format = "mlops.fill-constant/1";

    public string FormatId => Format;

    public static FillConstant Read(ReadOnlyMemory<byte> bytes)
    {
        var state = ProcessingJson.Read(bytes);
        return new FillConstant(ProcessingJson.Need(state.Column), ProcessingJson.Need(state.Value));
    }

    public void Save(IBufferWriter<byte> writer) => ProcessingJson.Save(new RowStepState { Column = column, Value = value }, writer);

    public RowBinding BindRows(Schema input)
    {
        var index = ColumnChange.Find(input, column, ToString());
        var utf8 = Encoding.UTF8.GetBytes(value);
        Action<ColumnBuilder> append = input[index].Type switch
        {
            ColumnType.Text => to => ((TextColumnBuilder)to).Append(value),
            ColumnType.Number when FieldText.TryNumber(utf8, out var number) => to => ((NumberColumnBuilder)to).Append(number),
            ColumnType.Integer when FieldText.TryInteger(utf8, out var integer) => to => ((IntegerColumnBuilder)to).Append(integer),
            ColumnType.Boolean when FieldText.TryFlag(utf8, out var flag) => to => ((BooleanColumnBuilder)to).Append(flag),
            ColumnType.Timestamp when FieldText.TryTimestamp(utf8, out var ticks) =>
                to => ((TimestampColumnBuilder)to).Append(new DateTime(ticks, DateTimeKind.Utc)),
            var type => throw new MlOpsException(
                $"{this}: the value is not of the type {type}.",
                $"Give a value of the column's type, {type}, or cast the column first.") { Column = column },
        };
        return ColumnChange.Replace(
            input,
            index,
            input[index],
            OutputColumn.Computed((in RowBlock rows, ColumnBuilder output) => Fill(rows, index, output, append)));
    }

    public bool ReadsAsNumber(string name) => true;

    public override string ToString() => $"fill({column}, {PrintableText.Shorten(value)})";

    private static void Fill(in RowBlock rows, int index, ColumnBuilder output, Action<ColumnBuilder> append)
    {
        var source = rows.Column(index);
        for (var i = 0; i < rows.Count; i++)
        {
            if (source.IsMissing(rows.Start + i)) append(output);
            else output.Append(source, rows.Start + i);
        }
    }
}
