using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Smallest and largest value of a column of a row group, as the format orders them. Those of Parquet.Net are not used: it orders texts by
/// UTF-16, takes NaN for a value, and keeps texts of any length.
/// </summary>
internal static class ColumnStatistics
{
    private const int MaxText = 64;

    public static ThriftStruct Of(Column column)
    {
        var statistics = new ThriftStruct();
        if (column is VectorColumn) return statistics;
        statistics[3] = ThriftValue.Of((long)column.NullCount);
        switch (column)
        {
            case TextColumn texts:
                AddTexts(statistics, texts);
                break;
            case NumberColumn numbers:
                AddNumbers(statistics, numbers);
                break;
            case TimestampColumn times:
                AddWhole(statistics, times, PlainColumn.Microseconds);
                break;
            case IntegerColumn whole:
                AddWhole(statistics, whole, value => value);
                break;
        }

        return statistics;
    }

    private static void AddNumbers(ThriftStruct to, NumberColumn column)
    {
        double least = double.PositiveInfinity, most = double.NegativeInfinity;
        foreach (var value in column.Values)
        {
            // NaN is neither; rows without a value have it.
            if (value < least) least = value;
            if (value > most) most = value;
        }

        if (least > most) return;
        to[6] = ThriftValue.Of(BitConverter.GetBytes(least == 0 ? -0.0 : least));
        to[5] = ThriftValue.Of(BitConverter.GetBytes(most));
    }

    private static void AddWhole(ThriftStruct to, Column<long> column, Func<long, long> stored)
    {
        if (column.NullCount == column.Length) return;
        long least = long.MaxValue, most = long.MinValue;
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row)) continue;
            least = Math.Min(least, column.Values[row]);
            most = Math.Max(most, column.Values[row]);
        }

        to[6] = ThriftValue.Of(BitConverter.GetBytes(stored(least)));
        to[5] = ThriftValue.Of(BitConverter.GetBytes(stored(most)));
    }

    private static void AddTexts(ThriftStruct to, TextColumn column)
    {
        var used = new bool[column.Dictionary.Length];
        foreach (var code in column.Values)
        {
            if (code >= 0) used[code] = true;
        }

        byte[]? least = null, most = null;
        for (var code = 0; code < used.Length; code++)
        {
            if (!used[code]) continue;
            var text = Encoding.UTF8.GetBytes(column.Dictionary[code]);
            if (least is null || text.AsSpan().SequenceCompareTo(least) < 0) least = text;
            if (most is null || text.AsSpan().SequenceCompareTo(most) > 0) most = text;
        }

        // The beginning of the first text is before it; there is no such short text for the last one.
        if (least is null || most is null || most.Length > MaxText) return;
        to[6] = ThriftValue.Of(least.Length > MaxText ? least[..Cut(least)] : least);
        to[5] = ThriftValue.Of(most);
    }

    private static int Cut(byte[] text)
    {
        var length = MaxText;
        while (length > 0 && (text[length] & 0xC0) == 0x80) length--;
        return length;
    }
}
