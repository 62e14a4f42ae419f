using System.Globalization;
using MlOps.Sdk.Collection;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Writes conditions on the columns of a table, whose values a statement has selected under short names. Not thread-safe.
/// </summary>
internal sealed class TableTerms(TableReading reading)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly List<object> _parameters = [];

    /// <summary>The texts that conditions compare with, which are no part of the statement.</summary>
    public IReadOnlyList<object> Parameters => _parameters;

    /// <summary>The columns that are read, each with its short name; a constant where none is.</summary>
    /// <param name="where">Which rows remain.</param>
    public TableLayer Layer(string? where = null) => _names.Count == 0
        ? new TableLayer("1", "mlops_one", where)
        : new TableLayer([.. _names.Select(pair => (reading.Column(pair.Key).Value, pair.Value))], where);

    /// <summary>The value of a column.</summary>
    public string Value(string column)
    {
        if (_names.TryGetValue(column, out var name)) return name;
        name = string.Create(CultureInfo.InvariantCulture, $"mlops_v{_names.Count}");
        _names.Add(column, name);
        return name;
    }

    /// <summary>The value of a column as a floating-point number.</summary>
    public string Number(string column) => TypeOf(column) switch
    {
        ColumnType.Number => Value(column),
        ColumnType.Timestamp => $"({reading.Dialect.ToDouble(Value(column), "")} / {reading.Dialect.Number(1e6)})",
        _ => reading.Dialect.ToDouble(Value(column), ""),
    };

    public string IsMissing(string column) => TypeOf(column) == ColumnType.Number
        ? $"({Value(column)} IS NULL OR {reading.Dialect.IsNaN(Value(column))})"
        : $"({Value(column)} IS NULL)";

    public string HasAll(IEnumerable<string> columns) => $"NOT ({string.Join(" OR ", columns.Select(IsMissing))})";

    public string IsOutside(string column, double min, double max)
    {
        // Nothing finite lies beyond an infinite bound, and the largest numbers are not written with one.
        var number = Number(column);
        List<string> sides = [];
        if (min > double.NegativeInfinity) sides.Add(Below(number, min));
        if (max < double.PositiveInfinity) sides.Add(Above(number, max));
        return sides.Count == 0 ? "(1 = 0)" : $"({HasAll([column])} AND ({string.Join(" OR ", sides)}))";
    }

    public string IsNoneOf(string column, IEnumerable<string> texts) =>
        $"({HasAll([column])} AND NOT ({Value(column)} IN ({string.Join(", ", texts.Select(Parameter))})))";

    public string IsLengthOutside(string column, int min, int max)
    {
        var length = reading.Dialect.Length(Value(column));
        return string.Create(CultureInfo.InvariantCulture, $"({HasAll([column])} AND ({length} < {min} OR {length} > {max}))");
    }

    /// <summary>
    /// Whether some pair stands in a relation: each column and the next, or, for inequality, the first and each other one.
    /// </summary>
    public string AnyPair(IReadOnlyList<string> columns, string relation)
    {
        var pairs = Enumerable.Range(1, columns.Count - 1)
            .Select(i => Compare(columns[relation == "<>" ? 0 : i - 1], columns[i], relation));
        return $"({HasAll(columns)} AND ({string.Join(" OR ", pairs)}))";
    }

    public string IsSumOff(IReadOnlyList<string> columns, string total, double tolerance)
    {
        // What is not finite has no difference that is small.
        string[] all = [.. columns, total];
        var finite = string.Join(" AND ", all.Select(column => reading.Dialect.IsFinite(Number(column))));
        var difference = $"abs({string.Join(" + ", columns.Select(Number))} - {Number(total)})";
        var limit = reading.Dialect.Number(Math.Min(tolerance, double.MaxValue));
        return $"({HasAll(all)} AND CASE WHEN {finite} THEN NOT ({difference} <= {limit}) ELSE 1 = 1 END)";
    }

    private string Parameter(string value)
    {
        _parameters.Add(value);
        return reading.Parameter(_parameters.Count - 1);
    }

    private ColumnType TypeOf(string column) => reading.Column(column).Type;

    // Whole numbers are compared exactly, where a floating-point number would round them.
    private string Compare(string a, string b, string relation) =>
        TypeOf(a) == TypeOf(b) && TypeOf(a) != ColumnType.Number
            ? $"{Value(a)} {relation} {Value(b)}"
            : $"{Number(a)} {relation} {Number(b)}";

    private string Below(string number, double limit) =>
        double.IsPositiveInfinity(limit)
            ? $"{number} <= {reading.Dialect.Number(double.MaxValue)}"
            : $"{number} < {reading.Dialect.Number(limit)}";

    private string Above(string number, double limit) =>
        double.IsNegativeInfinity(limit)
            ? $"{number} >= {reading.Dialect.Number(-double.MaxValue)}"
            : $"{number} > {reading.Dialect.Number(limit)}";
}
