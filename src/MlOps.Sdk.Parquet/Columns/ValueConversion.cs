using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text.Unicode;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Makes values of the library of those that are stored.</summary>
/// <param name="column">The column, for messages.</param>
/// <param name="file">The file, for messages.</param>
internal sealed class ValueConversion(ParquetColumn column, string file)
{
    // The first day of Unix time, counted by astronomers.
    private const int JulianEpoch = 2_440_588;
    private const int MaxDecimalBytes = 1024;

    // Powers of ten that a double holds exactly.
    private static readonly double[] Powers =
        [.. Enumerable.Range(0, 23).Select(power => double.Parse($"1E{power}", CultureInfo.InvariantCulture))];

    private readonly int _scale = column.Kind == ValueKind.Decimal ? column.Leaf.Scale : 0;

    public Action<ColumnBuilder, bool> Boolean => (to, value) => ((BooleanColumnBuilder)to).Append(value);

    public Action<ColumnBuilder, int> Int32 => column.Kind switch
    {
        ValueKind.Int32 => (to, value) => ((IntegerColumnBuilder)to).Append(value),
        ValueKind.UInt32 => (to, value) => ((IntegerColumnBuilder)to).Append((uint)value),
        ValueKind.Date => (to, value) => AppendTime(to, value * (Int128)TimeSpan.TicksPerDay),
        _ => (to, value) => ((NumberColumnBuilder)to).Append(Number(value)),
    };

    public Action<ColumnBuilder, long> Int64 => column.Kind switch
    {
        ValueKind.Int64 => (to, value) => ((IntegerColumnBuilder)to).Append(value),
        ValueKind.UInt64 => (to, value) => ((IntegerColumnBuilder)to).Append(value >= 0
            ? value
            : throw Refused($"has a whole number above {long.MaxValue}")),
        ValueKind.Milliseconds => (to, value) => AppendTime(to, value * (Int128)TimeSpan.TicksPerMillisecond),
        ValueKind.Microseconds => (to, value) => AppendTime(to, value * (Int128)TimeSpan.TicksPerMicrosecond),
        ValueKind.Nanoseconds => (to, value) => AppendTime(to, Microseconds(value) * (Int128)TimeSpan.TicksPerMicrosecond),
        _ => (to, value) => ((NumberColumnBuilder)to).Append(Number(value)),
    };

    public Action<ColumnBuilder, float> Single => (to, value) => ((NumberColumnBuilder)to).AppendSingle(value);

    public Action<ColumnBuilder, double> Double => (to, value) => ((NumberColumnBuilder)to).Append(value);

    public Action<ColumnBuilder, ReadOnlyMemory<byte>> Bytes => column.Kind switch
    {
        ValueKind.Half => (to, value) =>
            ((NumberColumnBuilder)to).Append(PrintedNumber.Of(BinaryPrimitives.ReadHalfLittleEndian(value.Span))),
        ValueKind.Decimal => (to, value) => ((NumberColumnBuilder)to).Append(Number(value.Span)),
        ValueKind.Int96 => (to, value) => AppendTime(to, Int96(value.Span)),
        ValueKind.Uuid => (to, value) => ((TextColumnBuilder)to).Append(new Guid(value.Span, bigEndian: true).ToString()),
        _ => (to, value) => ((TextColumnBuilder)to).AppendUtf8(Utf8.IsValid(value.Span)
            ? value.Span
            : throw ParquetFailure.Damaged(file, "a text is not UTF-8", column: column.Field.Name)),
    };

    /// <summary>Whole microseconds of nanoseconds, which is what a column of timestamps holds.</summary>
    public static long Microseconds(long nanoseconds) => (nanoseconds - (nanoseconds % 1000 + 1000) % 1000) / 1000;

    /// <summary>The double that is nearest to a decimal.</summary>
    public static double Number(BigInteger value, int scale) =>
        BigInteger.Abs(value) < 1L << 53 && scale < Powers.Length
            ? (double)(long)value / Powers[scale]
            : double.Parse(string.Create(CultureInfo.InvariantCulture, $"{value}E-{scale}"), CultureInfo.InvariantCulture);

    private double Number(long value) =>
        value is > -(1L << 53) and < 1L << 53 && _scale < Powers.Length ? value / Powers[_scale] : Number(value, _scale);

    private double Number(ReadOnlySpan<byte> bytes) => bytes.Length <= MaxDecimalBytes
        ? Number(new BigInteger(bytes, isBigEndian: true), _scale)
        : throw Refused($"has decimals of more than {MaxDecimalBytes} bytes");

    private static Int128 Int96(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) - JulianEpoch) * (Int128)TimeSpan.TicksPerDay
        + Microseconds(BinaryPrimitives.ReadInt64LittleEndian(bytes)) * (Int128)TimeSpan.TicksPerMicrosecond;

    private void AppendTime(ColumnBuilder to, Int128 sinceEpoch)
    {
        var ticks = sinceEpoch + DateTime.UnixEpoch.Ticks;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks) throw Refused("has a point in time before the year 1 or after the year 9999");
        ((TimestampColumnBuilder)to).Append(new DateTime((long)ticks, DateTimeKind.Utc));
    }

    private MlOpsException Refused(FormattableString what) => Refused(FormattableString.Invariant(what));

    private MlOpsException Refused(string what) =>
        ParquetFailure.Refused(file, column.Field.Name, what, "Correct the values where they come from, or read other columns.");
}
