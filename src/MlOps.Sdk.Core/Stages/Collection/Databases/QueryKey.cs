using System.Globalization;
using System.Numerics;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// A key as the database gave it: what is sent back to continue after it must be of the same kind, since a database compares a time without
/// a zone with one in a zone by the zone of its session, and texts as texts. Immutable.
/// </summary>
/// <param name="Value">A whole number, a <see cref="DateTime"/> of the kind that was given, or a text that is a time.</param>
/// <param name="Order">What it is ordered by: the number, or the ticks.</param>
internal readonly record struct QueryKey(object Value, long Order)
{
    public static QueryKey Of(long number) => new(number, number);

    public static QueryKey Of(DateTime time) => new(time, time.Ticks);

    /// <summary>The key that a row has, of the kind of number or time that its start is.</summary>
    public static bool TryRead(object value, QueryKey start, out QueryKey key)
    {
        key = start;
        var isNumber = start.Value is long;
        switch (value)
        {
            case long or int or short or byte or sbyte or ushort or uint when isNumber:
                key = Of(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                return true;
            case BigInteger whole when isNumber && whole >= long.MinValue && whole <= long.MaxValue:
                key = Of((long)whole);
                return true;
            case DateTime { Kind: DateTimeKind.Local } time when !isNumber: key = Of(time.ToUniversalTime()); return true;
            case DateTime time when !isNumber: key = Of(time); return true;
            case DateTimeOffset time when !isNumber: key = Of(time.UtcDateTime); return true;
            case DateOnly date when !isNumber: key = Of(date.ToDateTime(TimeOnly.MinValue)); return true;
            case string text when !isNumber && FieldText.TryTimestamp(Encoding.UTF8.GetBytes(text), out var ticks):
                key = new QueryKey(text, ticks);
                return true;
            default: return false;
        }
    }

    /// <summary>Reads what <see cref="ToString"/> writes, for a start of the same kind.</summary>
    public static bool TryParse(string text, QueryKey start, out QueryKey key)
    {
        key = start;
        if (start.Value is long)
        {
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return false;
            key = Of(number);
            return true;
        }

        if (text.StartsWith('\'')) return TryRead(text[1..], start, out key);
        if (!DateTime.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)) return false;
        key = Of(time);
        return true;
    }

    public override string ToString() => Value switch
    {
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        string text => $"'{text}",
        _ => Order.ToString(CultureInfo.InvariantCulture),
    };
}
