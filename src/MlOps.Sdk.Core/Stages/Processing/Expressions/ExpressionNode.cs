using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Processing;

/// <summary>An expression over a row, as it is stored: an operation and what it is applied to. Immutable.</summary>
/// <param name="Op">The name of the operation, one of <see cref="ExpressionOperators"/>.</param>
/// <param name="Args">What it is applied to.</param>
internal sealed record ExpressionNode(string Op, params ExpressionNode[] Args)
{
    public double? Number { get; init; }

    public string? Text { get; init; }

    public bool? Boolean { get; init; }

    public string? Column { get; init; }

    // Remembered, or nested choices would compute the kinds below them again and again.
    private int _kind = -1;

    /// <summary>What the expression gives; checks the whole expression.</summary>
    /// <exception cref="JsonException">The operation is unknown, or is applied to the wrong operands.</exception>
    [JsonIgnore]
    public ExpressionKind Kind => (ExpressionKind)(_kind < 0 ? _kind = (int)Check() : _kind);

    /// <summary>How tightly the text of the expression binds.</summary>
    [JsonIgnore]
    public int Binding => Number is { } number && double.IsNegative(number) ? ExpressionNotation.Unary : Shown.Notation.Binding;

    // Of a negation, the shorter form where there is one.
    private (ExpressionNotation Notation, ExpressionNode Of) Shown =>
        Op == ExpressionOperators.Not.Name && Args is [{ } negated] && ExpressionOperators.Find(negated.Op)?.Negated is { } shorter
            ? (shorter, negated)
            : (ExpressionOperators.Find(Op)?.Notation ?? ExpressionNotation.Function(Op), this);

    /// <summary>The expression as C# would write it, with the bare names of columns.</summary>
    public override string ToString()
    {
        var (notation, of) = Shown;
        return of.Args is { Length: > 0 } ? notation.Apply(of.Args) : notation.Write([of.Value()]);
    }

    private string Value()
    {
        if (Column is { Length: > 0 })
        {
            return Column.All(IsPlain) && !char.IsAsciiDigit(Column[0]) ? Column : $"[{Column.Replace("]", "]]")}]";
        }

        if (Number is { } number) return number.ToString("R", CultureInfo.InvariantCulture);
        if (Boolean is { } boolean) return boolean ? "true" : "false";
        return Text is null ? "null" : $"\"{Text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\r", "\\r")}\"";
    }

    // Anything else in a name could be read as an operator.
    private static bool IsPlain(char letter) => char.IsLetterOrDigit(letter) || letter == '_';

    private ExpressionKind Check() =>
        ExpressionOperators.Find(Op) is { } operation && operation.HasValue(this) && operation.KindOf(Args ?? []) is { } kind
            ? kind
            : throw new JsonException($"The operation '{Op}' is unknown, or is applied to the wrong operands.");
}
