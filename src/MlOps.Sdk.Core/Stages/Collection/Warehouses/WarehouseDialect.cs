using System.Data;
using System.Globalization;
using System.Numerics;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// What a database writes otherwise than others: with it and an ADO.NET provider, a table is profiled, checked, compared and split where it
/// is. Implementations are immutable and thread-safe; <c>WarehouseDialectContract</c> of MlOps.Sdk.Testing proves one.
/// </summary>
/// <remarks>
/// Beyond this the statements need of a database: <c>CASE</c>, <c>GROUP BY</c> with <c>count</c>, <c>sum</c>, <c>min</c> and <c>max</c>,
/// subqueries, <c>UNION ALL</c> and <c>ORDER BY … LIMIT</c>.
/// </remarks>
public abstract class WarehouseDialect
{
    /// <summary>A name for messages, for example <c>PostgreSQL</c>.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// The isolation in which all statements of one answer see the same rows of the database's own tables; <see langword="null"/> where the
    /// database has none: then rows that change meanwhile are an error as far as the counts tell. Default: none.
    /// </summary>
    public virtual IsolationLevel? Snapshot => null;

    /// <summary>
    /// Whether <c>WITH expression AS name</c> in front of a statement names expressions. Statements are then flat: a database that is
    /// divided into shards aggregates them there, where it would not aggregate what is above a subquery. Default: no, subqueries name them.
    /// </summary>
    public virtual bool NamesExpressions => false;

    /// <summary>A name as an identifier, whatever characters it has. Default: in quotes, those within doubled.</summary>
    /// <param name="name">The name.</param>
    public virtual string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>How a statement refers to a parameter. Default: <c>@name</c>.</summary>
    /// <param name="name">The parameter's name, letters and digits.</param>
    public virtual string Parameter(string name) => $"@{name}";

    /// <summary>
    /// The type of column that values of a provider's type have; <see langword="null"/> for a type that is not supported.
    /// </summary>
    /// <param name="type">The type of .NET that the provider gives.</param>
    /// <param name="databaseType">The type as the provider names it.</param>
    public virtual ColumnType? TypeOf(Type type, string databaseType) =>
        type.IsArray || type == typeof(object) ? null
        : type == typeof(BigInteger) ? ColumnType.Integer
        : CellConversion.ColumnTypeOf(type);

    /// <summary>A numeric expression as a 64-bit floating-point number, the same to which reading the value leads.</summary>
    /// <param name="number">The expression.</param>
    /// <param name="databaseType">The type as the provider names it.</param>
    public abstract string ToDouble(string number, string databaseType);

    /// <summary>A whole number as a signed integer of 64 bits.</summary>
    /// <param name="number">The expression.</param>
    public abstract string ToInteger(string number);

    /// <summary>
    /// A column of whole numbers as signed integers of 64 bits; where its type is wider, a number that does not fit is an error of the
    /// statement. Default: <see cref="ToInteger(string)"/>.
    /// </summary>
    /// <param name="number">The expression.</param>
    /// <param name="databaseType">The type as the provider names it.</param>
    public virtual string ToInteger(string number, string databaseType) => ToInteger(number);

    /// <summary>An expression of a column of texts (also of UUIDs and enumerations) as a text, as reading it gives.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="databaseType">The type as the provider names it.</param>
    public abstract string ToText(string text, string databaseType);

    /// <summary>A boolean expression as 1, 0 or null. Default: by <c>CASE</c>.</summary>
    /// <param name="flag">The expression.</param>
    public virtual string ToFlag(string flag) => $"CASE WHEN {flag} THEN 1 WHEN NOT {flag} THEN 0 END";

    /// <summary>A point in time as whole microseconds since 1970-01-01 UTC, cut off; one without a zone is taken as UTC.</summary>
    /// <param name="time">The expression.</param>
    /// <param name="databaseType">The type as the provider names it.</param>
    public abstract string ToMicroseconds(string time, string databaseType);

    /// <summary>Whether a floating-point number is NaN, as a condition; null where it is null.</summary>
    /// <param name="number">The expression.</param>
    public abstract string IsNaN(string number);

    /// <summary>The largest whole number that is at most a number, still a floating-point number. Default: <c>floor(…)</c>.</summary>
    /// <param name="number">The expression.</param>
    public virtual string Floor(string number) => $"floor({number})";

    /// <summary>The natural logarithm of a positive floating-point number. Default: <c>ln(…)</c>.</summary>
    /// <param name="number">The expression.</param>
    public virtual string Logarithm(string number) => $"ln({number})";

    /// <summary>The length of a text in bytes of UTF-8.</summary>
    /// <param name="text">The expression.</param>
    public abstract string Bytes(string text);

    /// <summary>The length of a text in code units of UTF-16, as .NET counts.</summary>
    /// <param name="text">The expression.</param>
    public abstract string Length(string text);

    /// <summary>
    /// Whether the MD5 of a text's bytes of UTF-8 is below a limit, as a condition: bytes are compared in their order, and a limit that is
    /// shorter is below what it begins.
    /// </summary>
    /// <param name="text">The expression; it is not null.</param>
    /// <param name="limit">The limit: an even number of lower-case hexadecimal digits.</param>
    public abstract string IsMd5Below(string text, string limit);

    /// <summary>A whole number as its decimal digits.</summary>
    /// <param name="number">The expression.</param>
    public abstract string Digits(string number);

    /// <summary>Texts one after the other. Default: <c>a || b</c>.</summary>
    /// <param name="texts">The expressions, none of them null.</param>
    public virtual string Concat(params IReadOnlyList<string> texts) => $"({string.Join(" || ", texts)})";

    /// <summary>
    /// An aggregate that estimates the number of distinct values in bounded memory; <see langword="null"/> (the default) where there is
    /// none: then they are counted, however many there are. Only the report of more than a million values, and how a column is asked,
    /// depend on it, so its error is that of the report: on DuckDB a standard deviation of about 15 %.
    /// </summary>
    /// <param name="value">The expression.</param>
    public virtual string? ApproximateDistinct(string value) => null;

    /// <summary>A floating-point number as SQL; it is finite. Default: its shortest invariant text with an exponent.</summary>
    /// <param name="value">The number.</param>
    public virtual string Number(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) ? text : $"{text}E0";
    }

    /// <summary>The condition for a number that is neither null, nor NaN, nor infinite. Default: by comparison.</summary>
    /// <param name="number">The expression.</param>
    public virtual string IsFinite(string number) =>
        $"({number} >= {Number(-double.MaxValue)} AND {number} <= {Number(double.MaxValue)})";
}
