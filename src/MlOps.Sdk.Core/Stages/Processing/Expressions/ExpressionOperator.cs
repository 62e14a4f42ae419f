using System.Linq.Expressions;

namespace MlOps.Sdk.Processing;

/// <summary>An operation of stored expressions. Immutable and thread-safe.</summary>
/// <param name="Name">Its name in packages, which never changes.</param>
/// <param name="Takes">The kinds of its operands; <see langword="null"/> for any kind, which is the same for all of these.</param>
/// <param name="Gives">The kind of its result; <see langword="null"/> for that of the operands of any kind.</param>
/// <param name="Notation">How it is shown to people.</param>
/// <param name="Compile">
/// Makes its function: a <see cref="NumberFunction"/>, <see cref="TruthFunction"/> or <see cref="TextFunction"/>, as its result is.
/// </param>
internal sealed record ExpressionOperator(
    string Name,
    ExpressionKind?[] Takes,
    ExpressionKind? Gives,
    ExpressionNotation Notation,
    Func<ExpressionCompiler, ExpressionNode, Delegate> Compile)
{
    /// <summary>How its negation is shown, where there is a shorter form than <c>!(…)</c>.</summary>
    public ExpressionNotation? Negated { get; init; }

    /// <summary>The operators of C# that are translated to it.</summary>
    public ExpressionType[] Operators { get; init; } = [];

    /// <summary>The methods and properties that are translated to it, with their types.</summary>
    public string[] Members { get; init; } = [];

    /// <summary>Whether an operation without operands has the value that it needs.</summary>
    public Func<ExpressionNode, bool> HasValue { get; init; } = _ => true;

    public ExpressionNode Of(params ExpressionNode[] operands) => new(Name, operands);

    /// <summary>The kind of the result; <see langword="null"/> when the operation is applied to the wrong things.</summary>
    public ExpressionKind? KindOf(IReadOnlyList<ExpressionNode?> operands)
    {
        if (operands.Count != Takes.Length) return null;
        ExpressionKind? any = null;
        for (var i = 0; i < operands.Count; i++)
        {
            if (operands[i]?.Kind is not { } kind || kind != (Takes[i] ?? (any ??= kind))) return null;
        }

        return Gives ?? any;
    }
}
