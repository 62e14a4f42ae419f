using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;

namespace MlOps.Sdk.Processing;

/// <summary>Translates the C# expression of a step into one that can be stored; what has no stored form is rejected at the call.</summary>
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
            ConditionalExpression choice => Apply(choice, Visit(choice.Test), Visit(choice.IfTrue), Visit(choice.IfFalse)),
            MethodCallExpression call => Call(call),
            MemberExpression member => Member(member),
            _ => throw Unsupported($"'{expression}' is not supported."),
        };
    }

    private static ExpressionNode Unary(UnaryExpression unary)
    {
        switch (unary.NodeType)
        {
            case ExpressionType.Not or ExpressionType.Negate or ExpressionType.NegateChecked:
                return Apply(unary, Visit(unary.Operand));
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
                var equal = IsNullConstant(binary.Right) ? ExpressionOperators.Missing.Of(Visit(binary.Left))
                    : IsNullConstant(binary.Left) ? ExpressionOperators.Missing.Of(Visit(binary.Right))
                    : ExpressionOperators.Apply(ExpressionType.Equal, Visit(binary.Left), Visit(binary.Right)) ?? throw NoOperator(binary);
                return binary.NodeType == ExpressionType.Equal ? equal : ExpressionOperators.Not.Of(equal);
            case ExpressionType.Divide when Underlying(binary.Type) != typeof(double):
                throw Unsupported("A division of integers would lose the fraction: convert one side to double.");
        }

        return ExpressionOperators.IsKnown(binary.NodeType) && binary.Conversion is null
            ? Apply(binary, Visit(binary.Left), Visit(binary.Right))
            : throw NoOperator(binary);
    }

    private static ExpressionNode Member(MemberExpression member) => (member.Member.Name, member.Expression) switch
    {
        ("Value", { } inner) when Nullable.GetUnderlyingType(inner.Type) is not null => Visit(inner),
        ("HasValue", { } inner) when Nullable.GetUnderlyingType(inner.Type) is not null =>
            ExpressionOperators.Not.Of(ExpressionOperators.Missing.Of(Visit(inner))),
        (var name, { } inner) when ExpressionOperators.FindMember($"{inner.Type.Name}.{name}", 1) is { } operation =>
            operation.Of(Visit(inner)),
        _ => throw Unsupported($"'{member.Member.Name}' is not supported."),
    };

    private static ExpressionNode Call(MethodCallExpression call)
    {
        var name = call.Method.Name;
        var type = call.Method.DeclaringType;
        if (type == typeof(RowValues)) return Column(name, call.Arguments[0]);
        if (type == typeof(Math)) return OfMath(call);
        if (type == typeof(string) && name == nameof(string.Concat) && call.Arguments.All(argument => argument.Type == typeof(string)))
            return call.Arguments.Select(Visit).Aggregate((left, right) => ExpressionOperators.Concat.Of(left, right));
        if (type == typeof(string) && call.Object is { } text) return OfText(name, text, call.Arguments);
        if (type == typeof(string) && name == nameof(string.Equals)) return OfText(name, call.Arguments[0], [.. call.Arguments.Skip(1)]);
        throw Unsupported($"A call of {type?.Name}.{name} is not supported.");
    }

    private static ExpressionNode Column(string method, Expression argument)
    {
        if (ReadsRow(argument)) throw Unsupported("The name of a column cannot depend on the row.");
        if (Evaluate(argument) is not string { Length: > 0 } column) throw Unsupported("The name of a column is empty.");
        return ExpressionOperators.FindMember($"{nameof(RowValues)}.{method}", 0) is { } operation
            ? operation.Of() with { Column = column }
            : throw Unsupported($"A call of RowValues.{method} is not supported.");
    }

    private static ExpressionNode OfMath(MethodCallExpression call)
    {
        // Math.Round also takes a mode, and digits that a row could not decide.
        var isPlain = call.Method.Name != nameof(Math.Round) || call.Arguments.Count < 2 || IsDigits(call.Arguments[1]);
        return isPlain && ExpressionOperators.FindMember($"Math.{call.Method.Name}", call.Arguments.Count) is { } operation
            ? operation.Of([.. call.Arguments.Select(Visit)])
            : throw Unsupported($"This form of Math.{call.Method.Name} is not supported.");
    }

    private static bool IsDigits(Expression digits) =>
        digits.Type == typeof(int) && !ReadsRow(digits) && Evaluate(digits) is >= 0 and <= 15;

    private static ExpressionNode OfText(string name, Expression text, IReadOnlyList<Expression> arguments)
    {
        if (arguments.Count > 2 || ExpressionOperators.FindMember($"String.{name}", arguments.Count == 0 ? 1 : 2) is not { } operation)
        {
            throw UnsupportedForm();
        }
        if (arguments.Count == 0) return operation.Of(Visit(text));
        var (left, right) = (Visit(text), Visit(arguments[0]));
        if (arguments.Count == 1) return operation.Of(left, right);
        return arguments[1].Type == typeof(StringComparison) && !ReadsRow(arguments[1]) ? Evaluate(arguments[1]) switch
        {
            StringComparison.Ordinal => operation.Of(left, right),
            StringComparison.OrdinalIgnoreCase =>
                operation.Of(ExpressionOperators.Upper.Of(left), ExpressionOperators.Upper.Of(right)),
            _ => throw Unsupported("Texts are compared by ordinal, not by culture."),
        } : throw UnsupportedForm();

        MlOpsException UnsupportedForm() => Unsupported($"This form of string.{name} is not supported.");
    }

    private static ExpressionNode Constant(Expression expression) => Evaluate(expression) switch
    {
        null when Underlying(expression.Type) == typeof(bool) => ExpressionOperators.NoTruth.Of(),
        null when expression.Type == typeof(string) => ExpressionOperators.NoText.Of(),
        null => ExpressionOperators.NoNumber.Of(),
        bool value => ExpressionOperators.TruthConstant.Of() with { Boolean = value },
        string value => ExpressionOperators.TextConstant.Of() with { Text = value },
        char value => ExpressionOperators.TextConstant.Of() with { Text = value.ToString() },
        double or float or decimal or long or int or short or sbyte or byte or ushort or uint => Number(expression),
        _ => throw Unsupported($"A constant of the type {expression.Type.Name} is not supported."),
    };

    private static ExpressionNode Number(Expression expression)
    {
        var value = Convert.ToDouble(Evaluate(expression), CultureInfo.InvariantCulture);
        return double.IsFinite(value)
            ? ExpressionOperators.NumberConstant.Of() with { Number = value }
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
                "Compute it first, and use the variable.",
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

    private static ExpressionNode Apply(Expression expression, params ExpressionNode[] operands) =>
        ExpressionOperators.Apply(expression.NodeType, operands) ?? throw NoOperator(expression);

    private static MlOpsException NoOperator(Expression expression) =>
        Unsupported($"The operator {expression.NodeType} is not supported.");

    private static Type Underlying(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static MlOpsException Unsupported(string what) => new(
        $"The expression has no stored form: {what}",
        "Use the members in the documentation of RowValues, or implement IRowProcessor and add it with Apply(…).");

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
