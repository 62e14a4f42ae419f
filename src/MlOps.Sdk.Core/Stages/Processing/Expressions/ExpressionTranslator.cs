using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;

namespace MlOps.Sdk.Processing;

/// <summary>Translates the C# expression of a step into one that can be stored; what has no stored form is refused at the call.</summary>
internal static class ExpressionTranslator
{
    private const int DeepestNesting = 100;

    public static ExpressionNode Translate(LambdaExpression expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        var node = Visit(expression.Body);
        _ = node.Kind;
        return Depth(node) <= DeepestNesting ? node : throw Unsupported("The expression is nested too deeply.");
    }

    private static int Depth(ExpressionNode node) => 1 + (node.Args.Length == 0 ? 0 : node.Args.Max(Depth));

    private static ExpressionNode Visit(Expression expression)
    {
        if (!ReadsRow(expression)) return Constant(expression);
        return expression switch
        {
            UnaryExpression unary => Unary(unary),
            BinaryExpression binary => Binary(binary),
            ConditionalExpression choice => new ExpressionNode("if", Visit(choice.Test), Visit(choice.IfTrue), Visit(choice.IfFalse)),
            MethodCallExpression call => Call(call),
            MemberExpression member => Member(member),
            _ => throw Unsupported($"'{expression}' is not supported."),
        };
    }

    private static ExpressionNode Unary(UnaryExpression unary)
    {
        switch (unary.NodeType)
        {
            case ExpressionType.Not when Underlying(unary.Type) == typeof(bool):
                return new ExpressionNode("not", Visit(unary.Operand));
            case ExpressionType.Negate or ExpressionType.NegateChecked:
                return new ExpressionNode("negate", Visit(unary.Operand));
            case ExpressionType.UnaryPlus:
                return Visit(unary.Operand);
            case ExpressionType.Convert or ExpressionType.ConvertChecked:
                var (from, to) = (Underlying(unary.Operand.Type), Underlying(unary.Type));
                if (from == to || to == typeof(double) && from.IsPrimitive && from != typeof(bool) && from != typeof(char))
                {
                    return Visit(unary.Operand);
                }
                throw Unsupported($"The conversion from {from.Name} to {to.Name} is not supported.");
            default:
                throw Unsupported($"'{unary}' is not supported.");
        }
    }

    private static ExpressionNode Binary(BinaryExpression binary)
    {
        switch (binary.NodeType)
        {
            case ExpressionType.Equal or ExpressionType.NotEqual:
                var equal = IsNullConstant(binary.Right) ? new ExpressionNode("missing", Visit(binary.Left))
                    : IsNullConstant(binary.Left) ? new ExpressionNode("missing", Visit(binary.Right))
                    : new ExpressionNode("equal", Visit(binary.Left), Visit(binary.Right));
                return binary.NodeType == ExpressionType.Equal ? equal : new ExpressionNode("not", equal);
            case ExpressionType.Add when binary.Type == typeof(string):
                return new ExpressionNode("concat", Visit(binary.Left), Visit(binary.Right));
            case ExpressionType.Divide when Underlying(binary.Type) != typeof(double):
                throw Unsupported("A division of whole numbers would cut the fraction off: convert one side to double.");
        }

        var operation = binary.NodeType switch
        {
            ExpressionType.Add or ExpressionType.AddChecked => "add",
            ExpressionType.Subtract or ExpressionType.SubtractChecked => "subtract",
            ExpressionType.Multiply or ExpressionType.MultiplyChecked => "multiply",
            ExpressionType.Divide => "divide",
            ExpressionType.Modulo => "remainder",
            ExpressionType.LessThan => "less",
            ExpressionType.LessThanOrEqual => "less-or-equal",
            ExpressionType.GreaterThan => "greater",
            ExpressionType.GreaterThanOrEqual => "greater-or-equal",
            ExpressionType.AndAlso => "and",
            ExpressionType.OrElse => "or",
            ExpressionType.And when Underlying(binary.Type) == typeof(bool) => "and",
            ExpressionType.Or when Underlying(binary.Type) == typeof(bool) => "or",
            ExpressionType.Coalesce when binary.Conversion is null => "coalesce",
            _ => throw Unsupported($"The operator {binary.NodeType} is not supported."),
        };
        return new ExpressionNode(operation, Visit(binary.Left), Visit(binary.Right));
    }

    private static ExpressionNode Member(MemberExpression member) => (member.Member.Name, member.Expression) switch
    {
        ("Value", { } inner) when Nullable.GetUnderlyingType(inner.Type) is not null => Visit(inner),
        ("HasValue", { } inner) when Nullable.GetUnderlyingType(inner.Type) is not null =>
            new ExpressionNode("not", new ExpressionNode("missing", Visit(inner))),
        ("Length", { } inner) when inner.Type == typeof(string) => new ExpressionNode("length", Visit(inner)),
        _ => throw Unsupported($"'{member.Member.Name}' is not supported."),
    };

    private static ExpressionNode Call(MethodCallExpression call)
    {
        var name = call.Method.Name;
        var type = call.Method.DeclaringType;
        if (type == typeof(RowValues)) return Column(name, call.Arguments[0]);
        if (type == typeof(Math)) return OfMath(call);
        if (type == typeof(string) && name == nameof(string.Concat) && call.Arguments.All(argument => argument.Type == typeof(string)))
            return call.Arguments.Select(Visit).Aggregate((left, right) => new ExpressionNode("concat", left, right));
        if (type == typeof(string) && call.Object is { } text) return OfText(name, text, call.Arguments);
        if (type == typeof(string) && name == nameof(string.Equals)) return OfText(name, call.Arguments[0], [.. call.Arguments.Skip(1)]);
        throw Unsupported($"A call of {type?.Name}.{name} is not supported.");
    }

    private static ExpressionNode Column(string method, Expression argument)
    {
        if (ReadsRow(argument)) throw Unsupported("The name of a column cannot depend on the row.");
        if (Evaluate(argument) is not string { Length: > 0 } column) throw Unsupported("The name of a column is empty.");
        return new ExpressionNode(method switch
        {
            nameof(RowValues.Number) => "number-column",
            nameof(RowValues.Text) => "text-column",
            nameof(RowValues.Boolean) => "boolean-column",
            nameof(RowValues.IsNull) => "is-null",
            _ => throw Unsupported($"A call of RowValues.{method} is not supported."),
        }) { Column = column };
    }

    private static ExpressionNode OfMath(MethodCallExpression call)
    {
        var operation = (call.Method.Name, call.Arguments.Count) switch
        {
            (nameof(Math.Abs), 1) => "abs",
            (nameof(Math.Log), 1) => "log",
            (nameof(Math.Exp), 1) => "exp",
            (nameof(Math.Sqrt), 1) => "sqrt",
            (nameof(Math.Floor), 1) => "floor",
            (nameof(Math.Ceiling), 1) => "ceiling",
            (nameof(Math.Round), 1) => "round",
            (nameof(Math.Round), 2) when call.Arguments[1].Type == typeof(int)
                && !ReadsRow(call.Arguments[1])
                && Evaluate(call.Arguments[1]) is >= 0 and <= 15 => "round-to",
            (nameof(Math.Min), 2) => "min",
            (nameof(Math.Max), 2) => "max",
            (nameof(Math.Pow), 2) => "pow",
            _ => throw Unsupported($"This form of Math.{call.Method.Name} is not supported."),
        };
        return new ExpressionNode(operation, [.. call.Arguments.Select(Visit)]);
    }

    private static ExpressionNode OfText(string name, Expression text, IReadOnlyList<Expression> arguments)
    {
        var operation = (name, arguments.Count) switch
        {
            (nameof(string.ToLower) or nameof(string.ToLowerInvariant), 0) => "lower",
            (nameof(string.ToUpper) or nameof(string.ToUpperInvariant), 0) => "upper",
            (nameof(string.Trim), 0) => "trim",
            (nameof(string.Contains), 1 or 2) => "contains",
            (nameof(string.StartsWith), 1 or 2) => "starts-with",
            (nameof(string.EndsWith), 1 or 2) => "ends-with",
            (nameof(string.Equals), 1 or 2) => "equal",
            _ => throw Unsupported($"This form of string.{name} is not supported."),
        };
        if (arguments.Count == 0) return new ExpressionNode(operation, Visit(text));
        var (left, right) = (Visit(text), Visit(arguments[0]));
        if (arguments.Count == 1) return new ExpressionNode(operation, left, right);
        return arguments[1].Type == typeof(StringComparison) && !ReadsRow(arguments[1]) ? Evaluate(arguments[1]) switch
        {
            StringComparison.Ordinal => new ExpressionNode(operation, left, right),
            StringComparison.OrdinalIgnoreCase =>
                new ExpressionNode(operation, new ExpressionNode("upper", left), new ExpressionNode("upper", right)),
            _ => throw Unsupported("Texts are compared by ordinal, not by culture."),
        } : throw Unsupported($"This form of string.{name} is not supported.");
    }

    private static ExpressionNode Constant(Expression expression) => Evaluate(expression) switch
    {
        null when Underlying(expression.Type) == typeof(bool) => new ExpressionNode("no-boolean"),
        null when expression.Type == typeof(string) => new ExpressionNode("no-text"),
        null => new ExpressionNode("no-number"),
        bool value => new ExpressionNode("boolean") { Boolean = value },
        string value => new ExpressionNode("text") { Text = value },
        char value => new ExpressionNode("text") { Text = value.ToString() },
        double or float or decimal or long or int or short or sbyte or byte or ushort or uint => Number(expression),
        _ => throw Unsupported($"A constant of the type {expression.Type.Name} is not supported."),
    };

    private static ExpressionNode Number(Expression expression)
    {
        var value = Convert.ToDouble(Evaluate(expression), CultureInfo.InvariantCulture);
        return double.IsFinite(value)
            ? new ExpressionNode("number") { Number = value }
            : throw Unsupported("A constant that is not finite is not supported.");
    }

    private static object? Evaluate(Expression expression)
    {
        if (expression is ConstantExpression constant) return constant.Value;
        try
        {
            return Expression.Lambda(expression).Compile(preferInterpretation: true).DynamicInvoke();
        }
        catch (TargetInvocationException e)
        {
            throw new MlOpsException(
                $"The constant '{expression}' in the expression cannot be computed: {e.InnerException!.Message}",
                "Compute it before, and use the variable.",
                e.InnerException);
        }
    }

    private static bool IsNullConstant(Expression expression) => !ReadsRow(expression) && Evaluate(expression) is null;

    private static bool ReadsRow(Expression expression)
    {
        var search = new ParameterSearch();
        search.Visit(expression);
        return search.Found;
    }

    private static Type Underlying(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static MlOpsException Unsupported(string what) => new(
        $"The expression has no stored form: {what}",
        "Use what the documentation of RowValues lists, or implement IRowProcessor and add it with Apply(…).");

    private sealed class ParameterSearch : ExpressionVisitor
    {
        public bool Found { get; private set; }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            Found = true;
            return node;
        }
    }
}
