using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Processing;

/// <summary>An expression over a row, as it is stored: an operation and what it is applied to. Immutable.</summary>
/// <param name="Op">The operation, one of those in <see cref="Kind"/>.</param>
/// <param name="Args">What it is applied to.</param>
internal sealed record ExpressionNode(string Op, params ExpressionNode[] Args)
{
    public double? Number { get; init; }

    public string? Text { get; init; }

    public bool? Boolean { get; init; }

    public string? Column { get; init; }

    // Remembered, or nested choices would ask for the kinds below them again and again.
    private int _kind = -1;

    /// <summary>What the expression gives; checks the whole expression.</summary>
    /// <exception cref="JsonException">The operation is unknown, or is applied to the wrong things.</exception>
    [JsonIgnore]
    public ExpressionKind Kind => (ExpressionKind)(_kind < 0 ? _kind = (int)Check() : _kind);

    private ExpressionKind Check() => Op switch
    {
        "number" => Leaf(Number is not null, ExpressionKind.Number),
        "text" => Leaf(Text is not null, ExpressionKind.Text),
        "boolean" => Leaf(Boolean is not null, ExpressionKind.Boolean),
        "no-number" => Leaf(true, ExpressionKind.Number),
        "no-text" => Leaf(true, ExpressionKind.Text),
        "no-boolean" => Leaf(true, ExpressionKind.Boolean),
        "number-column" => Leaf(Column is not null, ExpressionKind.Number),
        "text-column" => Leaf(Column is not null, ExpressionKind.Text),
        "boolean-column" or "is-null" => Leaf(Column is not null, ExpressionKind.Boolean),
        "add" or "subtract" or "multiply" or "divide" or "remainder" or "min" or "max" or "pow" or "round-to" =>
            Takes(ExpressionKind.Number, ExpressionKind.Number, ExpressionKind.Number),
        "negate" or "abs" or "log" or "exp" or "sqrt" or "floor" or "ceiling" or "round" =>
            Takes(ExpressionKind.Number, ExpressionKind.Number),
        "less" or "less-or-equal" or "greater" or "greater-or-equal" =>
            Takes(ExpressionKind.Boolean, ExpressionKind.Number, ExpressionKind.Number),
        "length" => Takes(ExpressionKind.Number, ExpressionKind.Text),
        "lower" or "upper" or "trim" => Takes(ExpressionKind.Text, ExpressionKind.Text),
        "concat" => Takes(ExpressionKind.Text, ExpressionKind.Text, ExpressionKind.Text),
        "contains" or "starts-with" or "ends-with" => Takes(ExpressionKind.Boolean, ExpressionKind.Text, ExpressionKind.Text),
        "and" or "or" => Takes(ExpressionKind.Boolean, ExpressionKind.Boolean, ExpressionKind.Boolean),
        "not" => Takes(ExpressionKind.Boolean, ExpressionKind.Boolean),
        "equal" when Args is [var a, var b] && a?.Kind == b?.Kind && a is not null => ExpressionKind.Boolean,
        "missing" when Args is [{ } a] && Enum.IsDefined(a.Kind) => ExpressionKind.Boolean,
        "coalesce" when Args is [{ } a, { } b] && a.Kind == b.Kind => a.Kind,
        "if" when Args is [{ Kind: ExpressionKind.Boolean }, { } a, { } b] && a.Kind == b.Kind => a.Kind,
        _ => throw Wrong(),
    };

    public override string ToString()
    {
        if (Column is not null) return $"{Op}({Column})";
        if (Number is { } number) return number.ToString("R", CultureInfo.InvariantCulture);
        if (Boolean is { } boolean) return boolean ? "true" : "false";
        return Text is not null ? $"\"{Text}\"" : $"{Op}({string.Join(", ", (object?[])(Args ?? []))})";
    }

    private ExpressionKind Leaf(bool complete, ExpressionKind kind) =>
        complete && (Args is null || Args.Length == 0) ? kind : throw Wrong();

    private ExpressionKind Takes(ExpressionKind gives, params ReadOnlySpan<ExpressionKind> kinds)
    {
        if (Args?.Length != kinds.Length) throw Wrong();
        for (var i = 0; i < kinds.Length; i++)
        {
            if (Args[i] is null || Args[i].Kind != kinds[i]) throw Wrong();
        }

        return gives;
    }

    private JsonException Wrong() => new($"The operation '{Op}' is unknown, or is applied to the wrong things.");
}
