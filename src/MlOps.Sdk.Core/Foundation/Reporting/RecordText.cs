using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Reporting;

/// <summary>
/// Records as text, like the compiler writes them, but with what their lists hold in place of the lists' types, and numbers independent of
/// culture.
/// </summary>
internal static class RecordText
{
    private const int MostElements = 10;

    /// <summary>A record in one line: its type and its public properties; of a long list the first ten elements.</summary>
    public static string Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(T record)
        where T : notnull
    {
        var text = new StringBuilder(typeof(T).Name).Append(" { ");
        var separator = "";
        foreach (var property in typeof(T).GetProperties())
        {
            if (property.GetIndexParameters().Length > 0) continue;
            text.Append(separator).Append(property.Name).Append(" = ").Append(ValueOf(property.GetValue(record)));
            separator = ", ";
        }

        return text.Append(" }").ToString();
    }

    /// <summary>The elements of a list in brackets, separated by commas; of a long list the first ten.</summary>
    public static string ListOf(IEnumerable elements)
    {
        var text = new StringBuilder("[");
        var count = 0;
        foreach (var element in elements)
        {
            if (count++ >= MostElements) continue;
            text.Append(count == 1 ? "" : ", ").Append(ValueOf(element));
        }

        if (count > MostElements) text.Append(CultureInfo.InvariantCulture, $", … {count} in all");
        return text.Append(']').ToString();
    }

    private static string ValueOf(object? value) => value switch
    {
        null => "",
        string text => text,
        ReadOnlyMemory<byte> bytes => string.Create(CultureInfo.InvariantCulture, $"{bytes.Length} bytes"),
        ReadOnlyMemory<double> numbers => string.Create(CultureInfo.InvariantCulture, $"{numbers.Length} numbers"),
        ReadOnlyMemory<int> numbers => string.Create(CultureInfo.InvariantCulture, $"{numbers.Length} numbers"),
        IDictionary entries => ListOf(entries.Keys.Cast<object>().Select(key => $"{key}: {ValueOf(entries[key])}")),
        IEnumerable elements => ListOf(elements),
        // The invariant culture has the dates of the United States.
        DateTimeOffset at => at.ToString("u", CultureInfo.InvariantCulture),
        DateTime at => at.ToString("u", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
