namespace MlOps.Sdk.Processing;

/// <summary>How an operation is shown to people: as C# would write it, with parentheses where C# needs them.</summary>
/// <param name="Write">Puts the texts of the operands together.</param>
/// <param name="Binding">How tightly the operation binds, one of the constants.</param>
/// <param name="Operands">How tightly each operand must bind to need no parentheses; 0 for those behind the last that is named.</param>
internal sealed record ExpressionNotation(Func<IReadOnlyList<string>, string> Write, int Binding, params int[] Operands)
{
    public const int Choice = 1;
    public const int Coalesce = 2;
    public const int Or = 3;
    public const int And = 4;
    public const int Equality = 5;
    public const int Relation = 6;
    public const int Sum = 7;
    public const int Product = 8;
    public const int Unary = 9;
    public const int Primary = 10;

    /// <summary>A value: a constant or a column.</summary>
    public static ExpressionNotation Value { get; } = new(operands => operands[0], Primary);

    public static ExpressionNotation Infix(string symbol, int binding) =>
        new(operands => $"{operands[0]} {symbol} {operands[1]}", binding, binding, binding + 1);

    // What binds no tighter than a sign would read as one with it: --1.
    public static ExpressionNotation Prefix(string symbol) => new(operands => $"{symbol}{operands[0]}", Unary, Primary);

    public static ExpressionNotation Postfix(string symbol, int binding) =>
        new(operands => $"{operands[0]} {symbol}", binding, binding + 1);

    public static ExpressionNotation Function(string name) => new(operands => $"{name}({string.Join(", ", operands)})", Primary);

    public static ExpressionNotation Property(string name) => new(operands => $"{operands[0]}.{name}", Primary, Primary);

    public static ExpressionNotation Method(string name) =>
        new(operands => $"{operands[0]}.{name}({string.Join(", ", operands.Skip(1))})", Primary, Primary);

    public string Apply(IReadOnlyList<ExpressionNode> operands) => Write(
        [.. operands.Select((operand, i) => operand.Binding < Operands.ElementAtOrDefault(i) ? $"({operand})" : operand.ToString())]);
}
