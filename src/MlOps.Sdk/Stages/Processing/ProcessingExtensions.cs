using System.Globalization;
using System.Linq.Expressions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk;

/// <summary>The steps, expectations and splits that come with the library.</summary>
public static class ProcessingExtensions
{
    /// <summary>Row-wise: gives a column another name.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="from">The name now.</param>
    /// <param name="to">The new name.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Rename(this ProcessingBuilder builder, string from, string to) =>
        Apply(builder, new RenameColumn(Name(from), Name(to)));

    /// <summary>Row-wise: turns a column into another type. A value that the type cannot hold without loss is an error that names the row.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The column.</param>
    /// <param name="type">The type that it shall have; not <see cref="ColumnType.Vector"/>.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Cast(this ProcessingBuilder builder, string column, ColumnType type) =>
        Apply(builder, new CastColumn(Name(column), type is ColumnType.Vector || !Enum.IsDefined(type) ? throw new ArgumentOutOfRangeException(nameof(type)) : type));

    /// <summary>Row-wise: leaves columns out.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="columns">The columns, at least one.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Drop(this ProcessingBuilder builder, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Length == 0) throw new ArgumentException("Name at least one column.", nameof(columns));
        return Apply(builder, new DropColumns(Array.ConvertAll(columns, Name)));
    }

    /// <summary>Row-wise: puts a text where a column has no value.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The column.</param>
    /// <param name="value">The text; for another than a text column, a value of its type in invariant form.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder FillConstant(this ProcessingBuilder builder, string column, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Apply(builder, new FillConstant(Name(column), value));
    }

    /// <summary>Row-wise: puts a number where a column has no value.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The column; Integer columns take whole numbers only.</param>
    /// <param name="value">The number, finite.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder FillConstant(this ProcessingBuilder builder, string column, double value)
    {
        if (!double.IsFinite(value)) throw new ArgumentOutOfRangeException(nameof(value));
        return Apply(builder, new FillConstant(Name(column), value.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>Row-wise: puts a truth value where a column has no value.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The column; of type Boolean, or of numbers, where true is 1.</param>
    /// <param name="value">The truth value.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder FillConstant(this ProcessingBuilder builder, string column, bool value) =>
        Apply(builder, new FillConstant(Name(column), value ? "1" : "0"));

    /// <summary>Row-wise: makes texts equal that differ only in case or spaces. A text of which nothing is left becomes a missing value.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The column, of texts.</param>
    /// <param name="trim">Whether spaces at both ends are removed. Default: yes.</param>
    /// <param name="lower">Whether letters become lower case (invariant). Default: yes.</param>
    /// <param name="collapseSpaces">Whether runs of white space become one space. Default: yes.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder NormalizeText(this ProcessingBuilder builder, string column, bool trim = true, bool lower = true, bool collapseSpaces = true) =>
        Apply(builder, new NormalizeText(Name(column), trim, lower, collapseSpaces));

    /// <summary>Row-wise: adds a number that is computed from the row, for example <c>row => row.Number("total") / row.Number("months")</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The new column.</param>
    /// <param name="expression">The computation; see <see cref="Row"/> for what it may use.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Derive(this ProcessingBuilder builder, string name, Expression<Func<Row, double?>> expression) =>
        Apply(builder, new DeriveColumn(Name(name), ExpressionTranslator.Translate(expression)));

    /// <summary>Row-wise: adds a truth value that is computed from the row.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The new column.</param>
    /// <param name="expression">The computation; see <see cref="Row"/> for what it may use.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Derive(this ProcessingBuilder builder, string name, Expression<Func<Row, bool?>> expression) =>
        Apply(builder, new DeriveColumn(Name(name), ExpressionTranslator.Translate(expression)));

    /// <summary>Row-wise: adds a text that is computed from the row.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The new column.</param>
    /// <param name="expression">The computation; see <see cref="Row"/> for what it may use.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Derive(this ProcessingBuilder builder, string name, Expression<Func<Row, string?>> expression) =>
        Apply(builder, new DeriveColumn(Name(name), ExpressionTranslator.Translate(expression)));

    /// <summary>Set-wise: keeps the first of equal rows.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="key">The columns by which rows are equal; none for all columns.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder DropDuplicates(this ProcessingBuilder builder, params string[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Apply(builder, new DropDuplicates(Array.ConvertAll(key, Name)));
    }

    /// <summary>Set-wise: keeps the rows for which an expression is true, for example <c>row => row.Number("tenure") > 0</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="predicate">The condition; see <see cref="Row"/> for what it may use. A row for which it is missing is not kept.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Filter(this ProcessingBuilder builder, Expression<Func<Row, bool?>> predicate) =>
        Apply(builder, new FilterRows(ExpressionTranslator.Translate(predicate)));

    /// <summary>Adds an expectation, for example <c>rows => rows.Column("tenure").Between(0, 120)</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="expectation">Chooses the expectation.</param>
    /// <param name="onFailure">What happens when it is not met. Default: the run fails.</param>
    /// <param name="mostly">The share of rows that must pass for the expectation to be met, above 0 and up to 1. Default: 1.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Expect(this ProcessingBuilder builder, Func<ExpectationRows, IExpectation> expectation, OnFailure onFailure = OnFailure.Fail, double mostly = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(expectation);
        return builder.Expect(expectation(new ExpectationRows()), onFailure, mostly);
    }

    /// <summary>Adds expectations that earlier rows suggested.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="suggested">The expectations.</param>
    /// <param name="onFailure">What happens when one is not met. Default: the run fails.</param>
    /// <param name="mostly">The share of rows that must pass for one to be met, above 0 and up to 1. Default: 1.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Expect(this ProcessingBuilder builder, SuggestedExpectations suggested, OnFailure onFailure = OnFailure.Fail, double mostly = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(suggested);
        foreach (var one in suggested) builder.Expect(one.Expectation, onFailure, mostly);
        return builder;
    }

    /// <summary>
    /// Holds rows out by a keyed hash. A row's side depends on nothing but its key, so it never changes in a later run with the same or a larger test share;
    /// every class is held out in the same share, in expectation. Without declared key columns the key is the content without the label, so rows are divided anew when later rows
    /// are collected with more or fewer columns: declare a key where there is one.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="test">The share to hold out, between 0 and 1.</param>
    /// <param name="key">The columns that identify a row, as they are collected, such as a customer's number: rows with equal keys stay together, and the label is not part of the key. None: all columns but the label, as they are collected, so a corrected label moves no row.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Split(this ProcessingBuilder builder, double test, params string[] key)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(key);
        return builder.Split(new HashSplitter(Share(test), Array.ConvertAll(key, Name)));
    }

    /// <summary>Holds the newest rows out. Rows of the same time stay together.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The Timestamp column to go by, after the last step.</param>
    /// <param name="test">The share to hold out, at least, between 0 and 1.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SplitByTime(this ProcessingBuilder builder, string column, double test)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Split(new TimeSplitter(Name(column), Share(test), null));
    }

    /// <summary>Holds rows out from a time on.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The Timestamp column to go by, after the last step.</param>
    /// <param name="from">The first time to hold out; a local time is converted to UTC, an unspecified one is taken as UTC.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SplitByTime(this ProcessingBuilder builder, string column, DateTime from)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Split(new TimeSplitter(Name(column), null, from.Kind == DateTimeKind.Local ? from.ToUniversalTime() : DateTime.SpecifyKind(from, DateTimeKind.Utc)));
    }

    private static ProcessingBuilder Apply(ProcessingBuilder builder, IDataProcessor step)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Apply(step);
    }

    private static string Name(string column)
    {
        ArgumentException.ThrowIfNullOrEmpty(column);
        return column;
    }

    private static double Share(double test) =>
        test is > 0 and < 1 ? test : throw new ArgumentOutOfRangeException(nameof(test), test, "The share to hold out lies between 0 and 1.");
}
