using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlOps.Sdk.Data;

/// <summary>The rows of one batch of an Arrow file, which may be more than a <see cref="RecordBatch"/> holds.</summary>
internal sealed class ArrowRows(long rowCount, ArrowPart[] parts, Func<string, MlOpsException> damaged)
{
    public long RowCount => rowCount;

    /// <summary>Decodes some columns of some of the rows.</summary>
    public Column[] Columns(int[] ordinals, long from, int count) =>
        Array.ConvertAll(ordinals, ordinal => Decode(parts[ordinal], from, count));

    private Column Decode(ArrowPart part, long from, int count)
    {
        var field = part.Column.Field;
        if (field.Type == ColumnType.Text && part.Dictionary is null) return Texts(part, from, count);
        Column column = field.Type switch
        {
            ColumnType.Number => new NumberColumn { Buffer = Values<double>(part, from, count) },
            ColumnType.Integer => new IntegerColumn { Buffer = Values<long>(part, from, count) },
            ColumnType.Timestamp => new TimestampColumn { Buffer = Values<long>(part, from, count) },
            ColumnType.Boolean => new BooleanColumn { Buffer = Booleans(part, from, count) },
            ColumnType.Vector => new VectorColumn(field.Length) { Buffer = Values<float>(part, from * field.Length, count * field.Length) },
            _ => new TextColumn { Buffer = Codes(part, from, count) },
        };
        column.Length = count;
        if (column is TextColumn texts)
        {
            texts.Texts = part.Dictionary!.Compact(texts.Buffer);
            texts.TextCount = texts.Texts.Length;
        }

        SetValidity(column, part, from);
        if (column is TimestampColumn times) ToTicks(times, part.Column.TimeUnit);
        return column;
    }

    private static T[] Values<T>(ArrowPart part, long from, int count)
        where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(part.Values.Span.Slice((int)(from * Unsafe.SizeOf<T>()), count * Unsafe.SizeOf<T>())).ToArray();

    private static bool[] Booleans(ArrowPart part, long from, int count)
    {
        var bits = part.Values.Span;
        var values = new bool[count];
        for (var i = 0; i < count; i++) values[i] = (bits[(int)((from + i) >> 3)] >> (int)((from + i) & 7) & 1) != 0;
        return values;
    }

    private int[] Codes(ArrowPart part, long from, int count)
    {
        var codes = part.Column.IndexSize switch
        {
            1 => Array.ConvertAll(Values<sbyte>(part, from, count), code => (int)code),
            2 => Array.ConvertAll(Values<short>(part, from, count), code => (int)code),
            _ => Values<int>(part, from, count),
        };
        for (var i = 0; i < count; i++)
        {
            if (part.IsNull(from + i)) codes[i] = -1;
            else if ((uint)codes[i] >= (uint)part.Dictionary!.Count) throw damaged("a text code is out of range");
        }

        return codes;
    }

    private TextColumn Texts(ArrowPart part, long from, int count)
    {
        var builder = new TextColumnBuilder(count);
        for (var i = 0; i < count; i++)
        {
            if (part.IsNull(from + i)) builder.AppendNull();
            else builder.Append(ArrowBody.Text(part, (int)(from + i), damaged));
        }

        return (TextColumn)builder.Build();
    }

    private static void SetValidity(Column column, ArrowPart part, long from)
    {
        var isText = column is TextColumn;
        if (part.Validity.Length == 0 && !isText) return;
        ulong[]? bits = null;
        for (var row = 0; row < column.Length; row++)
        {
            // A text of the dictionary may itself be null.
            var isNull = isText ? ((TextColumn)column).Buffer[row] < 0 : part.IsNull(from + row);
            if (!isNull) continue;
            if (bits is null)
            {
                bits = new ulong[(column.Length + 63) / 64];
                for (var i = 0; i < column.Length; i++) bits[i >> 6] |= 1UL << (i & 63);
            }

            bits[row >> 6] &= ~(1UL << (row & 63));
            column.NullCount++;
            if (column is NumberColumn numbers) numbers.Buffer[row] = double.NaN;
        }

        column.Validity = bits;
    }

    private void ToTicks(TimestampColumn column, short unit)
    {
        var perUnit = unit switch { 0 => TimeSpan.TicksPerSecond, 1 => TimeSpan.TicksPerMillisecond, _ => TimeSpan.TicksPerMicrosecond };
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
            {
                column.Buffer[row] = 0;
                continue;
            }

            // Nanoseconds are cut to whole microseconds, which is what a column of timestamps holds.
            var value = unit == 3 ? (long)Math.Floor(column.Buffer[row] / 1000m) : column.Buffer[row];
            var ticks = value * (Int128)perUnit + DateTime.UnixEpoch.Ticks;
            column.Buffer[row] = ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
                ? (long)ticks
                : throw damaged("a point in time is before the year 1 or after the year 9999");
        }
    }
}
