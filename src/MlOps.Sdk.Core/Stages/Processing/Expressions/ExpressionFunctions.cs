using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Computes a number of a row; NaN where it is missing.</summary>
internal delegate double NumberFunction(in RowBlock rows, int row);

/// <summary>Computes a truth value of a row: 1, 0, or -1 where it is missing.</summary>
internal delegate int TruthFunction(in RowBlock rows, int row);

/// <summary>Computes a text of a row; <see langword="null"/> where it is missing.</summary>
internal delegate string? TextFunction(in RowBlock rows, int row);

/// <summary>The functions of operations that exist for several kinds, or treat missing values in their own way.</summary>
internal static class ExpressionFunctions
{
    /// <summary>How many characters a text that is put together may have.</summary>
    public const int LongestText = 1_000_000;

    public static NumberFunction Constant(double value) => (in _, _) => value;

    public static TruthFunction Constant(int value) => (in _, _) => value;

    public static TextFunction Constant(string? value) => (in _, _) => value;

    public static TruthFunction Same(NumberFunction a, NumberFunction b) =>
        (in rows, row) => AreKnown(a(rows, row), b(rows, row), out var x, out var y) ? x == y ? 1 : 0 : -1;

    public static TruthFunction Same(TruthFunction a, TruthFunction b) =>
        (in rows, row) => a(rows, row) is var x && b(rows, row) is var y && (x < 0 || y < 0) ? -1 : x == y ? 1 : 0;

    public static TruthFunction Same(TextFunction a, TextFunction b) =>
        Found(a, b, static (text, other) => string.Equals(text, other, StringComparison.Ordinal));

    public static TruthFunction IsMissing(NumberFunction value) => (in rows, row) => double.IsNaN(value(rows, row)) ? 1 : 0;

    public static TruthFunction IsMissing(TruthFunction value) => (in rows, row) => value(rows, row) < 0 ? 1 : 0;

    public static TruthFunction IsMissing(TextFunction value) => (in rows, row) => value(rows, row) is null ? 1 : 0;

    public static NumberFunction Instead(NumberFunction wanted, NumberFunction other) =>
        (in rows, row) => wanted(rows, row) is var value && !double.IsNaN(value) ? value : other(rows, row);

    public static TruthFunction Instead(TruthFunction wanted, TruthFunction other) =>
        (in rows, row) => wanted(rows, row) is var value && value >= 0 ? value : other(rows, row);

    public static TextFunction Instead(TextFunction wanted, TextFunction other) =>
        (in rows, row) => wanted(rows, row) ?? other(rows, row);

    public static NumberFunction Choose(TruthFunction test, NumberFunction yes, NumberFunction no) =>
        (in rows, row) => test(rows, row) switch { 1 => yes(rows, row), 0 => no(rows, row), _ => double.NaN };

    public static TruthFunction Choose(TruthFunction test, TruthFunction yes, TruthFunction no) =>
        (in rows, row) => test(rows, row) switch { 1 => yes(rows, row), 0 => no(rows, row), _ => -1 };

    public static TextFunction Choose(TruthFunction test, TextFunction yes, TextFunction no) =>
        (in rows, row) => test(rows, row) switch { 1 => yes(rows, row), 0 => no(rows, row), _ => null };

    public static TruthFunction Negate(TruthFunction value) => (in rows, row) => value(rows, row) switch { 1 => 0, 0 => 1, _ => -1 };

    public static TruthFunction Both(TruthFunction a, TruthFunction b) =>
        (in rows, row) => a(rows, row) is var x && x == 0 ? 0 : b(rows, row) is var y && y == 0 ? 0 : Math.Min(x, y);

    public static TruthFunction Either(TruthFunction a, TruthFunction b) =>
        (in rows, row) => a(rows, row) is var x && x == 1 ? 1 : b(rows, row) is var y && y == 1 ? 1 : Math.Min(x, y);

    public static NumberFunction Length(TextFunction text) => (in rows, row) => text(rows, row)?.Length ?? double.NaN;

    /// <summary>Texts one after the other. Each step may double them, so they have a limit.</summary>
    public static TextFunction Join(TextFunction a, TextFunction b) =>
        (in rows, row) => a(rows, row) is { } x && b(rows, row) is { } y ? Together(x, y, row) : null;

    public static TruthFunction Found(TextFunction text, TextFunction part, Func<string, string, bool> search) =>
        (in rows, row) => text(rows, row) is { } x && part(rows, row) is { } y ? search(x, y) ? 1 : 0 : -1;

    // IEEE says 1 for pow(NaN, 0) and pow(1, NaN); here a missing value makes the result missing.
    public static double Power(double x, double y) => double.IsNaN(x) || double.IsNaN(y) ? double.NaN : Math.Pow(x, y);

    private static string Together(string x, string y, int row) => x.Length + (long)y.Length <= LongestText
        ? x + y
        : throw new RowValueException(
            FormattableString.Invariant($"Two texts together have more than {LongestText:N0} characters."),
            "Concatenate shorter texts.",
            row);

    public static bool AreKnown(double a, double b, out double x, out double y)
    {
        x = a;
        y = b;
        return !double.IsNaN(a) && !double.IsNaN(b);
    }
}
