using System.Globalization;
using System.Text;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Filters of runs as conditions on <c>runs r</c>, with their values as parameters. For one statement.</summary>
/// <param name="parameters">Takes the values.</param>
/// <param name="interrupted">The runs that are stored as running, and are not any more.</param>
internal sealed class RunFilterSql(DynamicParameters parameters, IReadOnlyCollection<long> interrupted)
{
    private int _count;

    public string Of(RunCondition condition) => condition switch
    {
        RunCondition.All all => all.Conditions.Count == 0 ? "1 = 1" : $"({string.Join(" AND ", all.Conditions.Select(Of))})",
        RunCondition.Any any => any.Conditions.Count == 0 ? "1 = 0" : $"({string.Join(" OR ", any.Conditions.Select(Of))})",
        RunCondition.Not not => $"NOT {Of(not.Condition)}",
        RunCondition.Compare compare => $"({Of(compare)})",
        _ => throw new InvalidOperationException($"{condition.GetType().Name} has no SQL."),
    };

    private string Of(RunCondition.Compare compare) => compare.Kind switch
    {
        RunFieldKind.Metric => "r.no IN (SELECT run FROM run_metrics_last WHERE metric = (SELECT no FROM metric_names WHERE name = " +
            $"{Add(compare.Name)}){OfMetric(compare)})",
        RunFieldKind.Parameter =>
            $"r.no IN (SELECT run FROM run_parameters WHERE name = {Add(compare.Name)}{OfParameter(compare)})",
        RunFieldKind.Tag => $"r.no IN (SELECT run FROM run_tags WHERE name = {Add(compare.Name)}{And(compare, "value")})",
        RunFieldKind.State => OfColumn(compare, StateColumn()),
        RunFieldKind.Duration => OfColumn(compare, "((r.ended_at - r.started_at) / 10000000.0)"),
        RunFieldKind.Time => OfColumn(compare, compare.Name == "started" ? "r.started_at" : "r.ended_at"),
        _ => OfColumn(compare, compare.Name == "parent" ? "r.parent_run" : $"r.{compare.Name}"),
    };

    // A value that is NaN is stored as NULL: the metric is there, and compares with no number.
    private string OfMetric(RunCondition.Compare compare) =>
        compare.Comparison == RunComparisonKind.Exists ? "" : And(compare, "value");

    private string OfParameter(RunCondition.Compare compare)
    {
        if (compare.Comparison != RunComparisonKind.In) return And(compare, compare.Values is [double] ? "number" : "value");
        var (numbers, texts) = (compare.Values.OfType<double>().ToArray(), compare.Values.OfType<string>().ToArray());
        return $" AND (number IN {Add(numbers)} OR value IN {Add(texts)})";
    }

    private static string And(string condition) => condition.Length == 0 ? "" : $" AND {condition}";

    private string And(RunCondition.Compare compare, string column) =>
        And(compare.Comparison == RunComparisonKind.Exists ? $"{column} IS NOT NULL" : OfColumn(compare, column));

    private string OfColumn(RunCondition.Compare compare, string column) => compare.Comparison switch
    {
        RunComparisonKind.Exists => $"{column} IS NOT NULL",
        RunComparisonKind.In => $"{column} IN {Add(compare.Values.Select(Stored).ToArray())}",
        RunComparisonKind.Like => $"{column} GLOB {Add(PatternOf((string)compare.Values[0]))}",
        var comparison => $"{column} {Sign(comparison)} {Add(Stored(compare.Values[0]))}",
    };

    private static string Sign(RunComparisonKind comparison) => comparison switch
    {
        RunComparisonKind.Equal => "=",
        RunComparisonKind.NotEqual => "<>",
        RunComparisonKind.Below => "<",
        RunComparisonKind.AtMost => "<=",
        RunComparisonKind.Above => ">",
        _ => ">=",
    };

    // A run that nobody works on any more is stored as running.
    private string StateColumn() => interrupted.Count == 0
        ? "r.state"
        : $"(CASE WHEN r.no IN {Add(interrupted)} THEN 'Interrupted' ELSE r.state END)";

    private static object Stored(object value) => value is DateTimeOffset time ? time.UtcTicks : value;

    private static string PatternOf(string like)
    {
        var pattern = new StringBuilder(like.Length);
        foreach (var character in like)
        {
            if (character is '*' or '?' or '[') pattern.Append('[').Append(character).Append(']');
            else pattern.Append(character == '%' ? '*' : character);
        }

        return pattern.ToString();
    }

    private string Add(object value)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"f{_count++}");
        parameters.Add(name, value);
        return $"@{name}";
    }
}
