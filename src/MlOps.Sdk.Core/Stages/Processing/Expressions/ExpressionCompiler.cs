using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Computes a number of a row; NaN where it is missing.</summary>
internal delegate double NumberFunction(in RowBlock rows, int row);

/// <summary>Computes a truth value of a row: 1, 0, or -1 where it is missing.</summary>
internal delegate int TruthFunction(in RowBlock rows, int row);

/// <summary>Computes a text of a row; <see langword="null"/> where it is missing.</summary>
internal delegate string? TextFunction(in RowBlock rows, int row);

/// <summary>
/// Turns a stored expression into functions over the rows of a schema. The functions are thread-safe, and
/// those of numbers allocate nothing.
/// </summary>
/// <param name="schema">The columns of the rows.</param>
/// <param name="step">Who asks, for messages.</param>
internal sealed class ExpressionCompiler(Schema schema, string step)
{
    public NumberFunction Number(ExpressionNode node)
    {
        switch (node.Op)
        {
            case "number": var constant = node.Number!.Value; return (in RowBlock _, int _) => constant;
            case "no-number": return (in RowBlock _, int _) => double.NaN;
            case "number-column": return NumberColumn(node.Column!);
            case "length": var text = Text(node.Args[0]); return (in RowBlock rows, int row) => text(rows, row)?.Length ?? double.NaN;
            case "coalesce":
                var (wanted, instead) = (Number(node.Args[0]), Number(node.Args[1]));
                return (in RowBlock rows, int row) => wanted(rows, row) is var value && !double.IsNaN(value) ? value : instead(rows, row);
            case "if":
                var (test, yes, no) = (Truth(node.Args[0]), Number(node.Args[1]), Number(node.Args[2]));
                return (in RowBlock rows, int row) => test(rows, row) switch { 1 => yes(rows, row), 0 => no(rows, row), _ => double.NaN };
        }

        var a = Number(node.Args[0]);
        switch (node.Op)
        {
            case "negate": return (in RowBlock rows, int row) => -a(rows, row);
            case "abs": return (in RowBlock rows, int row) => Math.Abs(a(rows, row));
            case "log": return (in RowBlock rows, int row) => Math.Log(a(rows, row));
            case "exp": return (in RowBlock rows, int row) => Math.Exp(a(rows, row));
            case "sqrt": return (in RowBlock rows, int row) => Math.Sqrt(a(rows, row));
            case "floor": return (in RowBlock rows, int row) => Math.Floor(a(rows, row));
            case "ceiling": return (in RowBlock rows, int row) => Math.Ceiling(a(rows, row));
            case "round": return (in RowBlock rows, int row) => Math.Round(a(rows, row));
        }

        var b = Number(node.Args[1]);
        return node.Op switch
        {
            "add" => (in RowBlock rows, int row) => a(rows, row) + b(rows, row),
            "subtract" => (in RowBlock rows, int row) => a(rows, row) - b(rows, row),
            "multiply" => (in RowBlock rows, int row) => a(rows, row) * b(rows, row),
            "divide" => (in RowBlock rows, int row) => a(rows, row) / b(rows, row),
            "remainder" => (in RowBlock rows, int row) => a(rows, row) % b(rows, row),
            "min" => (in RowBlock rows, int row) => Math.Min(a(rows, row), b(rows, row)),
            "max" => (in RowBlock rows, int row) => Math.Max(a(rows, row), b(rows, row)),
            "round-to" => (in RowBlock rows, int row) => Math.Round(a(rows, row), (int)Math.Clamp(b(rows, row), 0, 15)),
            "pow" => (in RowBlock rows, int row) => Power(a(rows, row), b(rows, row)),
            _ => throw new InvalidOperationException(node.Op),
        };
    }

    public TruthFunction Truth(ExpressionNode node)
    {
        switch (node.Op)
        {
            case "boolean": var constant = node.Boolean!.Value ? 1 : 0; return (in RowBlock _, int _) => constant;
            case "no-boolean": return (in RowBlock _, int _) => -1;
            case "boolean-column": return BooleanColumn(node.Column!);
            case "is-null": return IsNull(node.Column!);
            case "missing": return Missing(node.Args[0]);
            case "equal": return Equal(node.Args[0], node.Args[1]);
            case "not":
                var negated = Truth(node.Args[0]);
                return (in RowBlock rows, int row) => negated(rows, row) switch { 1 => 0, 0 => 1, _ => -1 };
            case "and":
                var (left, right) = (Truth(node.Args[0]), Truth(node.Args[1]));
                return (in RowBlock rows, int row) => left(rows, row) is var x && x == 0 ? 0
                    : right(rows, row) is var y && y == 0 ? 0
                    : Math.Min(x, y);
            case "or":
                var (one, other) = (Truth(node.Args[0]), Truth(node.Args[1]));
                return (in RowBlock rows, int row) => one(rows, row) is var x && x == 1 ? 1
                    : other(rows, row) is var y && y == 1 ? 1
                    : Math.Min(x, y);
            case "coalesce":
                var (wanted, instead) = (Truth(node.Args[0]), Truth(node.Args[1]));
                return (in RowBlock rows, int row) => wanted(rows, row) is var value && value >= 0 ? value : instead(rows, row);
            case "if":
                var (test, yes, no) = (Truth(node.Args[0]), Truth(node.Args[1]), Truth(node.Args[2]));
                return (in RowBlock rows, int row) => test(rows, row) switch { 1 => yes(rows, row), 0 => no(rows, row), _ => -1 };
            case "contains": return Search(node, static (text, part) => text.Contains(part, StringComparison.Ordinal));
            case "starts-with": return Search(node, static (text, part) => text.StartsWith(part, StringComparison.Ordinal));
            case "ends-with": return Search(node, static (text, part) => text.EndsWith(part, StringComparison.Ordinal));
        }

        var (a, b) = (Number(node.Args[0]), Number(node.Args[1]));
        return node.Op switch
        {
            "less" => (in RowBlock rows, int row) => Known(a(rows, row), b(rows, row), out var x, out var y) ? x < y ? 1 : 0 : -1,
            "less-or-equal" => (in RowBlock rows, int row) => Known(a(rows, row), b(rows, row), out var x, out var y) ? x <= y ? 1 : 0 : -1,
            "greater" => (in RowBlock rows, int row) => Known(a(rows, row), b(rows, row), out var x, out var y) ? x > y ? 1 : 0 : -1,
            "greater-or-equal" =>
                (in RowBlock rows, int row) => Known(a(rows, row), b(rows, row), out var x, out var y) ? x >= y ? 1 : 0 : -1,
            _ => throw new InvalidOperationException(node.Op),
        };
    }

    public TextFunction Text(ExpressionNode node)
    {
        switch (node.Op)
        {
            case "text": var constant = node.Text; return (in RowBlock _, int _) => constant;
            case "no-text": return (in RowBlock _, int _) => null;
            case "text-column": var column = Find(node.Column!); return (in RowBlock rows, int row) => rows.Text(column, row);
            case "if":
                var (test, yes, no) = (Truth(node.Args[0]), Text(node.Args[1]), Text(node.Args[2]));
                return (in RowBlock rows, int row) => test(rows, row) switch { 1 => yes(rows, row), 0 => no(rows, row), _ => null };
        }

        var a = Text(node.Args[0]);
        switch (node.Op)
        {
            case "lower": return (in RowBlock rows, int row) => a(rows, row)?.ToLowerInvariant();
            case "upper": return (in RowBlock rows, int row) => a(rows, row)?.ToUpperInvariant();
            case "trim": return (in RowBlock rows, int row) => a(rows, row)?.Trim();
        }

        var b = Text(node.Args[1]);
        return node.Op switch
        {
            "coalesce" => (in RowBlock rows, int row) => a(rows, row) ?? b(rows, row),
            "concat" => (in RowBlock rows, int row) => a(rows, row) is { } x && b(rows, row) is { } y ? x + y : null,
            _ => throw new InvalidOperationException(node.Op),
        };
    }

    // IEEE says 1 for pow(NaN, 0) and pow(1, NaN); here a missing value makes the result missing.
    private static double Power(double x, double y) => double.IsNaN(x) || double.IsNaN(y) ? double.NaN : Math.Pow(x, y);

    private static bool Known(double a, double b, out double x, out double y)
    {
        x = a;
        y = b;
        return !double.IsNaN(a) && !double.IsNaN(b);
    }

    private TruthFunction Missing(ExpressionNode node)
    {
        switch (node.Kind)
        {
            case ExpressionKind.Number:
                var number = Number(node);
                return (in RowBlock rows, int row) => double.IsNaN(number(rows, row)) ? 1 : 0;
            case ExpressionKind.Boolean: var truth = Truth(node); return (in RowBlock rows, int row) => truth(rows, row) < 0 ? 1 : 0;
            default: var text = Text(node); return (in RowBlock rows, int row) => text(rows, row) is null ? 1 : 0;
        }
    }

    private TruthFunction Equal(ExpressionNode left, ExpressionNode right)
    {
        switch (left.Kind)
        {
            case ExpressionKind.Number:
                var (a, b) = (Number(left), Number(right));
                return (in RowBlock rows, int row) => Known(a(rows, row), b(rows, row), out var x, out var y) ? x == y ? 1 : 0 : -1;
            case ExpressionKind.Boolean:
                var (p, q) = (Truth(left), Truth(right));
                return (in RowBlock rows, int row) => p(rows, row) is var x && q(rows, row) is var y && (x < 0 || y < 0) ? -1
                    : x == y ? 1
                    : 0;
            default:
                var (s, t) = (Text(left), Text(right));
                return (in RowBlock rows, int row) => s(rows, row) is { } x && t(rows, row) is { } y
                    ? string.Equals(x, y, StringComparison.Ordinal) ? 1 : 0
                    : -1;
        }
    }

    private TruthFunction Search(ExpressionNode node, Func<string, string, bool> search)
    {
        var (a, b) = (Text(node.Args[0]), Text(node.Args[1]));
        return (in RowBlock rows, int row) => a(rows, row) is { } text && b(rows, row) is { } part ? search(text, part) ? 1 : 0 : -1;
    }

    // NaN is a missing value here, too.
    private TruthFunction IsNull(string name)
    {
        var column = Find(name);
        return schema[column].Type == ColumnType.Number
            ? (in RowBlock rows, int row) => double.IsNaN(rows.Number(column, row)) ? 1 : 0
            : (in RowBlock rows, int row) => rows.IsNull(column, row) ? 1 : 0;
    }

    private NumberFunction NumberColumn(string name)
    {
        var column = Find(name);
        if (schema[column].Type is ColumnType.Text or ColumnType.Vector)
        {
            throw new MlOpsException(
                $"{step}: the column is {schema[column].Type}, not a number.",
                "Cast the column before, or read it with Text(…).") { Column = name };
        }
        return (in RowBlock rows, int row) => rows.Number(column, row);
    }

    private TruthFunction BooleanColumn(string name)
    {
        var column = Find(name);
        if (schema[column].Type != ColumnType.Boolean)
        {
            throw new MlOpsException(
                $"{step}: the column is {schema[column].Type}, not Boolean.",
                "Cast the column before, or compare Number(…) or Text(…) with a value.") { Column = name };
        }
        return (in RowBlock rows, int row) => rows.Number(column, row) is var value && double.IsNaN(value) ? -1 : (int)value;
    }

    private int Find(string name) => ColumnChange.Find(schema, name, step);
}
