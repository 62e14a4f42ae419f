namespace MlOps.Sdk.Processing;

/// <summary>
/// A row as it is named in the expressions of <c>Derive</c> and <c>Filter</c>. Such an expression is not run as C#: it is translated
/// once into a form that can be stored in a package, so these methods have no body to call. A missing value makes what is computed from it
/// missing, as in SQL, except in <see cref="IsNull"/>, <c>== null</c>, <c>??</c>, and in <c>&amp;&amp;</c> and <c>||</c> where the other
/// side decides. Texts are compared by ordinal. A result that is not finite, such as 1/0, is missing.
/// </summary>
/// <remarks>
/// Supported: constants and captured variables (read when the step is added), + - * / %, comparisons, &amp;&amp; || !, ?:, ??,
/// Math.Abs, Log, Exp, Sqrt, Min, Max, Floor, Ceiling, Round, Pow, and of texts +, Length, ToLower, ToUpper (invariant), Trim, Equals,
/// Contains, StartsWith, EndsWith (with Ordinal or OrdinalIgnoreCase).
/// </remarks>
public sealed class RowValues
{
    private RowValues()
    {
    }

    /// <summary>The value of a Number, Integer, Boolean (0 or 1) or Timestamp (seconds since 1970-01-01 UTC) column.</summary>
    /// <param name="column">The column's name.</param>
    public double? Number(string column) => throw OutsideExpression(column);

    /// <summary>The value of a column as text; numbers and times in their invariant form.</summary>
    /// <param name="column">The column's name.</param>
    public string? Text(string column) => throw OutsideExpression(column);

    /// <summary>The value of a Boolean column.</summary>
    /// <param name="column">The column's name.</param>
    public bool? Boolean(string column) => throw OutsideExpression(column);

    /// <summary>Whether the column has no value in this row; NaN is none.</summary>
    /// <param name="column">The column's name.</param>
    public bool IsNull(string column) => throw OutsideExpression(column);

    private static NotSupportedException OutsideExpression(string column) =>
        new($"'{column}' can only be read in the expression of a step.");
}
