using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>Writes filters of runs as the text that they are read from.</summary>
internal static class RunFilterText
{
    public static string Of(RunCondition condition) => condition switch
    {
        RunCondition.All all => string.Join(" and ", all.Conditions.Select(each => Within(each, isOfAny: false))),
        RunCondition.Any any => string.Join(" or ", any.Conditions.Select(each => Within(each, isOfAny: true))),
        RunCondition.Not not => $"not ({Of(not.Condition)})",
        RunCondition.Compare compare => Of(compare),
        _ => throw new InvalidOperationException($"{condition.GetType().Name} has no text."),
    };

    /// <summary>A field as a filter writes it.</summary>
    public static string Field(RunFieldKind kind, string name) => kind switch
    {
        RunFieldKind.Metric => $"metrics.{Name(name)}",
        RunFieldKind.Parameter => $"params.{Name(name)}",
        RunFieldKind.Tag => $"tag.{Name(name)}",
        _ => name,
    };

    // A comparison as its sign or word.
    private static string Sign(RunComparisonKind comparison) => comparison switch
    {
        RunComparisonKind.Equal => "=",
        RunComparisonKind.NotEqual => "!=",
        RunComparisonKind.Below => "<",
        RunComparisonKind.AtMost => "<=",
        RunComparisonKind.Above => ">",
        RunComparisonKind.AtLeast => ">=",
        RunComparisonKind.In => "in",
        RunComparisonKind.Like => "like",
        _ => "exists",
    };

    /// <summary>The name of a metric, parameter or tag; quoted unless it is a word.</summary>
    public static string Name(string name) => name.All(IsOfWord) ? name : Quote(name);

    /// <summary>Whether a character can be of a word that is not quoted.</summary>
    public static bool IsOfWord(char character) =>
        char.IsLetterOrDigit(character) || character is '_' or '-' or '.' or ':' or '/' or '+' or '@';

    private static string Of(RunCondition.Compare compare)
    {
        var (field, sign) = (Field(compare.Kind, compare.Name), Sign(compare.Comparison));
        return compare.Comparison switch
        {
            RunComparisonKind.Exists => $"{field} {sign}",
            RunComparisonKind.In => $"{field} {sign} ({string.Join(", ", compare.Values.Select(Value))})",
            _ => $"{field} {sign} {Value(compare.Values[0])}",
        };
    }

    private static string Within(RunCondition condition, bool isOfAny) => condition switch
    {
        RunCondition.Any => $"({Of(condition)})",
        RunCondition.All all when isOfAny && all.Conditions.Count != 1 => $"({Of(condition)})",
        _ => Of(condition),
    };

    private static string Value(object value) => value switch
    {
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString(
            time.UtcTicks % TimeSpan.TicksPerDay == 0 ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        _ => Quote((string)value),
    };

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
