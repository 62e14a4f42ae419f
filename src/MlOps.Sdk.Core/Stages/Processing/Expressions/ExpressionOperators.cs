using System.Collections.Frozen;
using System.Linq.Expressions;
using static MlOps.Sdk.Processing.ExpressionFunctions;
using static MlOps.Sdk.Processing.ExpressionNotation;

namespace MlOps.Sdk.Processing;

/// <summary>
/// All operations of stored expressions: name, kinds, notation, C# form and function of each. A missing value is NaN, -1 or
/// <see langword="null"/>.
/// </summary>
internal static class ExpressionOperators
{
    private const ExpressionKind Number = ExpressionKind.Number;
    private const ExpressionKind Truth = ExpressionKind.Boolean;
    private const ExpressionKind Text = ExpressionKind.Text;

    public static ExpressionOperator NumberConstant { get; } =
        Leaf("number", Number, (_, node) => Constant(node.Number!.Value)) with { HasValue = node => node.Number is not null };

    public static ExpressionOperator TextConstant { get; } =
        Leaf("text", Text, (_, node) => Constant(node.Text)) with { HasValue = node => node.Text is not null };

    public static ExpressionOperator TruthConstant { get; } =
        Leaf("boolean", Truth, (_, node) => Constant(node.Boolean!.Value ? 1 : 0)) with { HasValue = node => node.Boolean is not null };

    public static ExpressionOperator NoNumber { get; } = Leaf("no-number", Number, (_, _) => Constant(double.NaN));

    public static ExpressionOperator NoText { get; } = Leaf("no-text", Text, (_, _) => Constant((string?)null));

    public static ExpressionOperator NoTruth { get; } = Leaf("no-boolean", Truth, (_, _) => Constant(-1));

    public static ExpressionOperator Not { get; } =
        new("not", [Truth], Truth, Prefix("!"), (compiler, node) => Negate(compiler.Truth(node.Args[0])))
        {
            Operators = [ExpressionType.Not],
        };

    public static ExpressionOperator Equal { get; } = new("equal", [null, null], Truth, Infix("==", Equality), (compiler, node) =>
        node.Args[0].Kind switch
        {
            Number => Same(compiler.Number(node.Args[0]), compiler.Number(node.Args[1])),
            Truth => Same(compiler.Truth(node.Args[0]), compiler.Truth(node.Args[1])),
            _ => Same(compiler.Text(node.Args[0]), compiler.Text(node.Args[1])),
        })
    {
        Operators = [ExpressionType.Equal],
        Members = ["String.Equals"],
        Negated = Infix("!=", Equality),
    };

    public static ExpressionOperator Missing { get; } = new("missing", [null], Truth, Postfix("is null", Relation), (compiler, node) =>
        node.Args[0].Kind switch
        {
            Number => IsMissing(compiler.Number(node.Args[0])),
            Truth => IsMissing(compiler.Truth(node.Args[0])),
            _ => IsMissing(compiler.Text(node.Args[0])),
        })
    {
        Negated = Postfix("is not null", Relation),
    };

    public static ExpressionOperator Upper { get; } =
        OfText("upper", "ToUpper", text => (in rows, row) => text(rows, row)?.ToUpperInvariant()) with
        {
            Members = ["String.ToUpper", "String.ToUpperInvariant"],
        };

    public static ExpressionOperator Concat { get; } =
        new("concat", [Text, Text], Text, Infix("+", Sum), (compiler, node) =>
            Join(compiler.Text(node.Args[0]), compiler.Text(node.Args[1])))
        {
            Operators = [ExpressionType.Add],
        };

    private static readonly ExpressionOperator[] All =
    [
        NumberConstant, TextConstant, TruthConstant, NoNumber, NoText, NoTruth, Not, Equal, Missing, Upper, Concat,

        Column("number-column", Number, "RowValues.Number", (compiler, node) => compiler.NumberColumn(node.Column!)),
        Column("text-column", Text, "RowValues.Text", (compiler, node) => compiler.TextColumn(node.Column!)),
        Column("boolean-column", Truth, "RowValues.Boolean", (compiler, node) => compiler.TruthColumn(node.Column!)),
        Column("is-null", Truth, "RowValues.IsNull", (compiler, node) => compiler.IsNull(node.Column!)) with
        {
            Notation = Postfix("is null", Relation),
            Negated = Postfix("is not null", Relation),
        },

        OfNumbers("add", Infix("+", Sum), (a, b) => (in rows, row) => a(rows, row) + b(rows, row)) with
        {
            Operators = [ExpressionType.Add, ExpressionType.AddChecked],
        },
        OfNumbers("subtract", Infix("-", Sum), (a, b) => (in rows, row) => a(rows, row) - b(rows, row)) with
        {
            Operators = [ExpressionType.Subtract, ExpressionType.SubtractChecked],
        },
        OfNumbers("multiply", Infix("*", Product), (a, b) => (in rows, row) => a(rows, row) * b(rows, row)) with
        {
            Operators = [ExpressionType.Multiply, ExpressionType.MultiplyChecked],
        },
        OfNumbers("divide", Infix("/", Product), (a, b) => (in rows, row) => a(rows, row) / b(rows, row)) with
        {
            Operators = [ExpressionType.Divide],
        },
        OfNumbers("remainder", Infix("%", Product), (a, b) => (in rows, row) => a(rows, row) % b(rows, row)) with
        {
            Operators = [ExpressionType.Modulo],
        },
        OfNumber("negate", Prefix("-"), a => (in rows, row) => -a(rows, row)) with
        {
            Operators = [ExpressionType.Negate, ExpressionType.NegateChecked],
        },

        OfMath("abs", "Math.Abs", a => (in rows, row) => Math.Abs(a(rows, row))),
        OfMath("log", "Math.Log", a => (in rows, row) => Math.Log(a(rows, row))),
        OfMath("exp", "Math.Exp", a => (in rows, row) => Math.Exp(a(rows, row))),
        OfMath("sqrt", "Math.Sqrt", a => (in rows, row) => Math.Sqrt(a(rows, row))),
        OfMath("floor", "Math.Floor", a => (in rows, row) => Math.Floor(a(rows, row))),
        OfMath("ceiling", "Math.Ceiling", a => (in rows, row) => Math.Ceiling(a(rows, row))),
        OfMath("round", "Math.Round", a => (in rows, row) => Math.Round(a(rows, row))),
        OfMath("round-to", "Math.Round", (a, b) => (in rows, row) => Math.Round(a(rows, row), (int)Math.Clamp(b(rows, row), 0, 15))),
        OfMath("min", "Math.Min", (a, b) => (in rows, row) => Math.Min(a(rows, row), b(rows, row))),
        OfMath("max", "Math.Max", (a, b) => (in rows, row) => Math.Max(a(rows, row), b(rows, row))),
        OfMath("pow", "Math.Pow", (a, b) => (in rows, row) => Power(a(rows, row), b(rows, row))),

        Comparison("less", "<", ExpressionType.LessThan, (a, b) =>
            (in rows, row) => AreKnown(a(rows, row), b(rows, row), out var x, out var y) ? x < y ? 1 : 0 : -1),
        Comparison("less-or-equal", "<=", ExpressionType.LessThanOrEqual, (a, b) =>
            (in rows, row) => AreKnown(a(rows, row), b(rows, row), out var x, out var y) ? x <= y ? 1 : 0 : -1),
        Comparison("greater", ">", ExpressionType.GreaterThan, (a, b) =>
            (in rows, row) => AreKnown(a(rows, row), b(rows, row), out var x, out var y) ? x > y ? 1 : 0 : -1),
        Comparison("greater-or-equal", ">=", ExpressionType.GreaterThanOrEqual, (a, b) =>
            (in rows, row) => AreKnown(a(rows, row), b(rows, row), out var x, out var y) ? x >= y ? 1 : 0 : -1),

        Logical("and", Infix("&&", And), Both, ExpressionType.AndAlso, ExpressionType.And),
        Logical("or", Infix("||", Or), Either, ExpressionType.OrElse, ExpressionType.Or),

        new("coalesce", [null, null], null, new(x => $"{x[0]} ?? {x[1]}", Coalesce, Coalesce + 1, Coalesce), (compiler, node) =>
            node.Kind switch
            {
                Number => Instead(compiler.Number(node.Args[0]), compiler.Number(node.Args[1])),
                Truth => Instead(compiler.Truth(node.Args[0]), compiler.Truth(node.Args[1])),
                _ => Instead(compiler.Text(node.Args[0]), compiler.Text(node.Args[1])),
            })
        {
            Operators = [ExpressionType.Coalesce],
        },
        new("if", [Truth, null, null], null, new(x => $"{x[0]} ? {x[1]} : {x[2]}", Choice, Coalesce, Coalesce, Choice), (compiler, node) =>
            (compiler.Truth(node.Args[0]), node.Kind) switch
            {
                (var test, Number) => Choose(test, compiler.Number(node.Args[1]), compiler.Number(node.Args[2])),
                (var test, Truth) => Choose(test, compiler.Truth(node.Args[1]), compiler.Truth(node.Args[2])),
                (var test, _) => Choose(test, compiler.Text(node.Args[1]), compiler.Text(node.Args[2])),
            })
        {
            Operators = [ExpressionType.Conditional],
        },

        new("length", [Text], Number, Property("Length"), (compiler, node) => Length(compiler.Text(node.Args[0])))
        {
            Members = ["String.Length"],
        },
        OfText("lower", "ToLower", text => (in rows, row) => text(rows, row)?.ToLowerInvariant()) with
        {
            Members = ["String.ToLower", "String.ToLowerInvariant"],
        },
        OfText("trim", "Trim", text => (in rows, row) => text(rows, row)?.Trim()),
        Search("contains", "Contains", static (text, part) => text.Contains(part, StringComparison.Ordinal)),
        Search("starts-with", "StartsWith", static (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        Search("ends-with", "EndsWith", static (text, part) => text.EndsWith(part, StringComparison.Ordinal)),
    ];

    private static readonly FrozenDictionary<string, ExpressionOperator> ByName = All.ToFrozenDictionary(operation => operation.Name);

    private static readonly ILookup<ExpressionType, ExpressionOperator> ByOperator = All
        .SelectMany(operation => operation.Operators, (operation, type) => (operation, type))
        .ToLookup(pair => pair.type, pair => pair.operation);

    private static readonly ILookup<(string, int), ExpressionOperator> ByMember = All
        .SelectMany(operation => operation.Members, (operation, member) => (operation, member))
        .ToLookup(pair => (pair.member, pair.operation.Takes.Length), pair => pair.operation);

    /// <summary>The names of all operations, as they are stored.</summary>
    public static IEnumerable<string> Names => All.Select(operation => operation.Name);

    /// <summary>The operation of a name; <see langword="null"/> when there is none.</summary>
    public static ExpressionOperator? Find(string name) => ByName.GetValueOrDefault(name ?? "");

    /// <summary>The operation of a method or property, such as <c>Math.Abs</c>; <see langword="null"/> when there is none.</summary>
    /// <param name="member">Its type and name.</param>
    /// <param name="operands">The number of operands, of which the object is one.</param>
    public static ExpressionOperator? FindMember(string member, int operands) => ByMember[(member, operands)].FirstOrDefault();

    /// <summary>An operator of C#, applied; <see langword="null"/> when no operation of these operands is written so.</summary>
    public static ExpressionNode? Apply(ExpressionType type, params ExpressionNode[] operands) =>
        ByOperator[type].FirstOrDefault(operation => operation.KindOf(operands) is not null)?.Of(operands);

    /// <summary>Whether any operation is written with an operator of C#.</summary>
    public static bool IsKnown(ExpressionType type) => ByOperator.Contains(type);

    private static ExpressionOperator Leaf(
        string name, ExpressionKind kind, Func<ExpressionCompiler, ExpressionNode, Delegate> compile) =>
        new(name, [], kind, Value, compile);

    private static ExpressionOperator Column(
        string name, ExpressionKind kind, string member, Func<ExpressionCompiler, ExpressionNode, Delegate> compile) =>
        Leaf(name, kind, compile) with { HasValue = node => node.Column is { Length: > 0 }, Members = [member] };

    private static ExpressionOperator OfNumber(
        string name, ExpressionNotation notation, Func<NumberFunction, NumberFunction> function) =>
        new(name, [Number], Number, notation, (compiler, node) => function(compiler.Number(node.Args[0])));

    private static ExpressionOperator OfNumbers(
        string name, ExpressionNotation notation, Func<NumberFunction, NumberFunction, NumberFunction> function) =>
        new(name, [Number, Number], Number, notation, (compiler, node) =>
            function(compiler.Number(node.Args[0]), compiler.Number(node.Args[1])));

    private static ExpressionOperator OfMath(string name, string member, Func<NumberFunction, NumberFunction> function) =>
        OfNumber(name, Function(member), function) with { Members = [member] };

    private static ExpressionOperator OfMath(string name, string member, Func<NumberFunction, NumberFunction, NumberFunction> function) =>
        OfNumbers(name, Function(member), function) with { Members = [member] };

    private static ExpressionOperator Comparison(
        string name, string symbol, ExpressionType type, Func<NumberFunction, NumberFunction, TruthFunction> function) =>
        new(name, [Number, Number], Truth, Infix(symbol, Relation), (compiler, node) =>
            function(compiler.Number(node.Args[0]), compiler.Number(node.Args[1])))
        {
            Operators = [type],
        };

    private static ExpressionOperator Logical(
        string name,
        ExpressionNotation notation,
        Func<TruthFunction, TruthFunction, TruthFunction> function,
        params ExpressionType[] types) =>
        new(name, [Truth, Truth], Truth, notation, (compiler, node) =>
            function(compiler.Truth(node.Args[0]), compiler.Truth(node.Args[1])))
        {
            Operators = types,
        };

    private static ExpressionOperator OfText(string name, string method, Func<TextFunction, TextFunction> function) =>
        new(name, [Text], Text, Method(method), (compiler, node) => function(compiler.Text(node.Args[0])))
        {
            Members = [$"String.{method}"],
        };

    private static ExpressionOperator Search(string name, string method, Func<string, string, bool> search) =>
        new(name, [Text, Text], Truth, Method(method), (compiler, node) =>
            Found(compiler.Text(node.Args[0]), compiler.Text(node.Args[1]), search))
        {
            Members = [$"String.{method}"],
        };
}
