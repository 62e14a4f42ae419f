using System.Buffers;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Turns a column into another type; a value that the other type cannot hold exactly is an error, and NaN becomes a missing value.
/// </summary>
internal sealed class CastColumn(string column, ColumnType type) : IRowProcessor
{
    public const string Format = "mlops.cast/1";
    private const int LongestText = 128;

    public string FormatId => Format;

    /// <summary>Whether different values stay different: every value has its own text.</summary>
    public bool IsOneToOne => type == ColumnType.Text;

    public static CastColumn Read(ReadOnlyMemory<byte> bytes)
    {
        var state = ProcessingJson.Read(bytes);
        return new CastColumn(ProcessingJson.Need(state.Column), ProcessingJson.Need(state.Type));
    }

    public void Save(IBufferWriter<byte> writer) => ProcessingJson.Save(new RowStepState { Column = column, Type = type }, writer);

    public RowBinding BindRows(Schema input)
    {
        var index = ColumnChange.Find(input, column, ToString());
        var from = input[index].Type;
        if (from == type) return ColumnChange.Replace(input, index, input[index], OutputColumn.PassThrough(index));
        var supported = (from, type) switch
        {
            (ColumnType.Vector, _) or (_, ColumnType.Vector) => false,
            (_, ColumnType.Text) or (ColumnType.Text, _) => true,
            (ColumnType.Timestamp, _) or (_, ColumnType.Timestamp) => false,
            _ => true,
        };
        if (!supported)
        {
            throw new MlOpsException(
                $"{this}: a {from} column cannot become {type}.",
                "Derive the value instead, or write an IRowProcessor.") { Column = column };
        }
        return ColumnChange.Replace(input, index, new Field(column, type), OutputColumn.Computed(Compute));

        void Compute(in RowBlock rows, ColumnBuilder output)
        {
            var source = rows.Column(index);
            for (var i = 0; i < rows.Count; i++)
            {
                var row = rows.Start + i;
                if (source.IsMissing(row)) output.AppendNull();
                else if (!Append(source, row, output))
                    throw new RowValueException(
                        $"'{PrintableText.Shorten(source.GetText(row) ?? "")}' cannot become {type} without loss.",
                        "Correct the value at its source, or add a step before this one that repairs or quarantines it.",
                        i) { Column = column };
            }
        }
    }

    public bool ReadsAsNumber(string name) => name != column || type == ColumnType.Number;

    public override string ToString() => $"cast({column}, {type})";

    private static bool Append(Column source, int row, ColumnBuilder to)
    {
        switch (to)
        {
            case TextColumnBuilder texts:
                texts.Append(source.GetText(row));
                return true;
            case var _ when source is TextColumn texts:
                return AppendParsed(texts.Dictionary[texts.Values[row]], to);
            case NumberColumnBuilder numbers:
                if (source is IntegerColumn integers && !Exact(integers.Values[row])) return false;
                numbers.Append(source.GetNumber(row));
                return true;
            case IntegerColumnBuilder wholes:
                var value = source.GetNumber(row);
                if (Math.Floor(value) != value || value is not (>= -9.2e18 and <= 9.2e18)) return false;
                wholes.Append((long)value);
                return true;
            case BooleanColumnBuilder flags:
                var bit = source.GetNumber(row);
                if (bit is not (0 or 1)) return false;
                flags.Append(bit == 1);
                return true;
            default:
                return false;
        }
    }

    // Near the limits the way back would overflow, so nothing beyond 9.2e18 counts as exact.
    private static bool Exact(long value) => (double)value is >= -9.2e18 and <= 9.2e18 && (long)(double)value == value;

    private static bool AppendParsed(string text, ColumnBuilder to)
    {
        if (text.Length > LongestText) return false;
        Span<byte> buffer = stackalloc byte[LongestText * 3];
        ReadOnlySpan<byte> utf8 = buffer[..Encoding.UTF8.GetBytes(text, buffer)];
        switch (to)
        {
            case NumberColumnBuilder numbers when FieldText.TryNumber(utf8, out var number): numbers.Append(number); return true;
            case IntegerColumnBuilder integers when FieldText.TryInteger(utf8, out var integer): integers.Append(integer); return true;
            case BooleanColumnBuilder flags when FieldText.TryFlag(utf8, out var flag): flags.Append(flag); return true;
            case TimestampColumnBuilder times when FieldText.TryTimestamp(utf8, out var ticks):
                times.Append(new DateTime(ticks, DateTimeKind.Utc));
                return true;
            default: return false;
        }
    }
}
