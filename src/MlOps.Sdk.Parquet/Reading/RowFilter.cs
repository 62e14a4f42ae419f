using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Which rows of a column are in a range, and which row groups cannot have any.</summary>
internal sealed class RowFilter
{
    private readonly ParquetColumn _column;
    private readonly (Int128 From, Int128 To) _whole;
    private readonly (double From, double To) _numbers;
    private readonly (byte[] From, byte[] To) _texts = ([], []);

    /// <exception cref="MlOpsException">The range is not one of the column's values.</exception>
    public RowFilter(ParquetColumn column, ParquetRange range, string file)
    {
        _column = column;
        switch (column.Field.Type, range.From, range.To)
        {
            case (ColumnType.Integer, long from, long to):
                _whole = (From(from), To(to));
                break;
            case (ColumnType.Integer, double from, double to):
                _whole = (Whole(Math.Ceiling(from)), Whole(Math.Floor(to)));
                break;
            case (ColumnType.Number, long from, long to):
                _numbers = (NumberFrom(from), NumberTo(to));
                break;
            case (ColumnType.Number, double from, double to):
                _numbers = (from, to);
                break;
            case (ColumnType.Timestamp, DateTime from, DateTime to):
                _whole = (
                    from == DateTime.MinValue ? Int128.MinValue : Ticks(from), to == DateTime.MaxValue ? Int128.MaxValue : Ticks(to));
                break;
            case (ColumnType.Text, string from, string to):
                _texts = (Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to));
                break;
            default:
                throw new MlOpsException(
                    $"The range of the column '{PrintableText.Shorten(range.Column)}' is not one of its type, {column.Field.Type}.",
                    "Call Where with values of the column's type: numbers, points in time or texts.")
                {
                    DataSource = file,
                    Column = range.Column,
                };
        }
    }

    public ParquetColumn Column => _column;

    /// <summary>Keeps, of the rows that are still kept, those that are in the range.</summary>
    public void Apply(Column values, Span<bool> keep)
    {
        var known = values is TextColumn texts ? new sbyte[texts.Dictionary.Length] : [];
        for (var row = 0; row < keep.Length; row++)
        {
            keep[row] = keep[row] && !values.IsNull(row) && values switch
            {
                NumberColumn numbers => numbers.Values[row] >= _numbers.From && numbers.Values[row] <= _numbers.To,
                Column<long> whole => whole.Values[row] >= _whole.From && whole.Values[row] <= _whole.To,
                TextColumn dictionary => Has(dictionary, dictionary.Values[row], known),
                _ => false,
            };
        }
    }

    /// <summary>Whether a row group may have rows in the range, by what its statistics say.</summary>
    public bool MayMatch(RowGroupLayout group)
    {
        if (group.Chunks[_column.Chunk].Statistics is not { } statistics) return true;
        try
        {
            if (statistics.Int64(3) == group.Rows) return false;
            var (least, most) = (statistics.Bytes(6), statistics.Bytes(5));

            // The older ones were compared as signed bytes by some writers, which is right for signed numbers only.
            if (_column.Kind is not (ValueKind.Text or ValueKind.UInt32 or ValueKind.UInt64))
            {
                least ??= statistics.Bytes(2);
                most ??= statistics.Bytes(1);
            }
            if (least is null || most is null) return true;
            if (_column.Field.Type == ColumnType.Text) return _column.Kind == ValueKind.Uuid || Overlaps(least, most);
            if (_column.Field.Type == ColumnType.Number)
            {
                return !(Number(least) is { } low && Number(most) is { } high && low <= high)
                    || low <= _numbers.To && high >= _numbers.From;
            }
            return !(WholeOf(least) is { } first && WholeOf(most) is { } last && first <= last)
                || first <= _whole.To && last >= _whole.From;
        }
        catch (InvalidDataException)
        {
            // Statistics are an offer: rows decide.
            return true;
        }
    }

    private bool Overlaps(byte[] least, byte[] most) =>
        least.AsSpan().SequenceCompareTo(most) > 0
        || least.AsSpan().SequenceCompareTo(_texts.To) <= 0 && most.AsSpan().SequenceCompareTo(_texts.From) >= 0;

    private bool Has(TextColumn texts, int code, sbyte[] known)
    {
        if (known[code] == 0)
        {
            var text = Encoding.UTF8.GetBytes(texts.Dictionary[code]);
            known[code] = (sbyte)(text.AsSpan().SequenceCompareTo(_texts.From) >= 0
                && text.AsSpan().SequenceCompareTo(_texts.To) <= 0 ? 1 : -1);
        }

        return known[code] > 0;
    }

    private double? Number(byte[] bytes) => (_column.Kind, bytes.Length) switch
    {
        (ValueKind.Double, sizeof(double)) => Known(BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
        (ValueKind.Single, sizeof(float)) => Known(PrintedNumber.Of(BinaryPrimitives.ReadSingleLittleEndian(bytes))),
        (ValueKind.Decimal, sizeof(int)) when _column.Leaf.Physical == PhysicalType.Int32 =>
            ValueConversion.Number(BinaryPrimitives.ReadInt32LittleEndian(bytes), _column.Leaf.Scale),
        (ValueKind.Decimal, sizeof(long)) when _column.Leaf.Physical == PhysicalType.Int64 =>
            ValueConversion.Number(BinaryPrimitives.ReadInt64LittleEndian(bytes), _column.Leaf.Scale),
        _ => null,
    };

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    private Int128? WholeOf(byte[] bytes)
    {
        Int128? value = bytes.Length switch
        {
            sizeof(int) when _column.Leaf.Physical == PhysicalType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            sizeof(long) when _column.Leaf.Physical == PhysicalType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            _ => null,
        };
        return _column.Kind switch
        {
            ValueKind.Int32 or ValueKind.Int64 => value,
            ValueKind.UInt32 => (uint?)(int?)value,
            ValueKind.UInt64 => (ulong?)(long?)value,
            ValueKind.Date => Time(value * TimeSpan.TicksPerDay),
            ValueKind.Milliseconds => Time(value * TimeSpan.TicksPerMillisecond),
            ValueKind.Microseconds => Time(value * TimeSpan.TicksPerMicrosecond),
            ValueKind.Nanoseconds when value is { } nanoseconds =>
                Time(ValueConversion.Microseconds((long)nanoseconds) * (Int128)TimeSpan.TicksPerMicrosecond),
            _ => null,
        };

        static Int128? Time(Int128? sinceEpoch) => sinceEpoch + DateTime.UnixEpoch.Ticks;
    }

    // What is no limit leaves out nothing, not even what no column can hold: that is an error, and no row out of range.
    private static Int128 From(long value) => value == long.MinValue ? Int128.MinValue : value;

    private static Int128 To(long value) => value == long.MaxValue ? Int128.MaxValue : value;

    // The nearest numbers within the range: not all whole numbers are doubles.
    private static double NumberFrom(long value) => value == long.MinValue ? double.NegativeInfinity
        : (Int128)(double)value < value ? Math.BitIncrement((double)value) : value;

    private static double NumberTo(long value) => value == long.MaxValue ? double.PositiveInfinity
        : (Int128)(double)value > value ? Math.BitDecrement((double)value) : value;

    private static Int128 Whole(double value) => double.IsInfinity(value)
        ? value > 0 ? Int128.MaxValue : Int128.MinValue
        : (Int128)BigInteger.Clamp(new BigInteger(value), Int128.MinValue, Int128.MaxValue);

    private static long Ticks(DateTime value) => (value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value).Ticks;
}
