using System.Globalization;
using System.Linq.Expressions;
using MlOps.Sdk.Processing;
using static MlOps.Sdk.Processing.ColumnNames;

namespace MlOps.Sdk;

/// <summary>The steps that come with the library, but those that join.</summary>
public static class StepExtensions
{
    /// <summary>Row-wise: gives a column another name.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="from">The name now.</param>
    /// <param name="to">The new name.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Rename(this ProcessingBuilder processing, string from, string to) =>
        Apply(processing, new RenameColumn(Name(from), Name(to)));

    /// <summary>
    /// Row-wise: turns a column into another type. A value that the type cannot hold without loss is an error that names the row.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The column.</param>
    /// <param name="type">The type that it shall have; not <see cref="ColumnType.Vector"/>.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Cast(this ProcessingBuilder processing, string column, ColumnType type) =>
        Apply(processing, new CastColumn(
            Name(column),
            type is ColumnType.Vector || !Enum.IsDefined(type) ? throw new ArgumentOutOfRangeException(nameof(type)) : type));

    /// <summary>
    /// Row-wise: reads texts as points in time. A text that tells its own offset (<c>K</c>, <c>zzz</c>) keeps it; any other is a time in
    /// <paramref name="zone"/>. A time that clocks skip when they are moved forward counts on from before: with an hour skipped at 02:00,
    /// 02:30 becomes 03:30. Of a time that clocks show twice the earlier is meant. A missing text stays missing; one that has none of the
    /// formats is an error that names the row. Zones change by law: the time zone data of the machine that serves should be as new as
    /// that of the machine that trains.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The column, of texts.</param>
    /// <param name="formats">
    /// .NET date formats with year, month and day, at least one, for example <c>dd.MM.yyyy HH:mm</c>. The first that fits a text counts.
    /// </param>
    /// <param name="zone">
    /// The id of the time zone, IANA (<c>Europe/Berlin</c>) or Windows (<c>W. Europe Standard Time</c>; on other
    /// systems it needs ICU). Default: UTC.
    /// </param>
    /// <param name="culture">
    /// The culture of names of months and days, for example <c>de-DE</c>; it needs ICU. Default: the invariant one.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">A format holds no whole date, or this machine does not know the zone or the culture.</exception>
    public static ProcessingBuilder ParseDates(
        this ProcessingBuilder processing, string column, IReadOnlyList<string> formats, string zone = "UTC", string culture = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(zone);
        ArgumentNullException.ThrowIfNull(culture);
        return Apply(processing, new ParseDates(Name(column), Names(formats, nameof(formats)), zone, culture));
    }

    /// <summary>Row-wise: leaves columns out.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="columns">The columns, at least one.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Drop(this ProcessingBuilder processing, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Length == 0) throw new ArgumentException("Name at least one column.", nameof(columns));
        return Apply(processing, new DropColumns(Array.ConvertAll(columns, Name)));
    }

    /// <summary>Row-wise: puts a text where a column has no value.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The column.</param>
    /// <param name="value">The text; for another than a text column, a value of its type in invariant form.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder FillConstant(this ProcessingBuilder processing, string column, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Apply(processing, new FillConstant(Name(column), value));
    }

    /// <summary>Row-wise: puts a number where a column has no value.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The column; Integer columns take whole numbers only.</param>
    /// <param name="value">The number, finite.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder FillConstant(this ProcessingBuilder processing, string column, double value)
    {
        if (!double.IsFinite(value)) throw new ArgumentOutOfRangeException(nameof(value));
        return Apply(processing, new FillConstant(Name(column), value.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>Row-wise: puts a truth value where a column has no value.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The column; of type Boolean, or of numbers, where true is 1.</param>
    /// <param name="value">The truth value.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder FillConstant(this ProcessingBuilder processing, string column, bool value) =>
        Apply(processing, new FillConstant(Name(column), value ? "1" : "0"));

    /// <summary>
    /// Row-wise: makes texts equal that differ only in case or spaces. A text of which nothing is left becomes a missing value.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The column, of texts.</param>
    /// <param name="trim">Whether spaces at both ends are removed. Default: yes.</param>
    /// <param name="lower">Whether letters become lower case (invariant). Default: yes.</param>
    /// <param name="collapseSpaces">Whether runs of white space become one space. Default: yes.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder NormalizeText(
        this ProcessingBuilder processing, string column, bool trim = true, bool lower = true, bool collapseSpaces = true) =>
        Apply(processing, new NormalizeText(Name(column), trim, lower, collapseSpaces));

    /// <summary>
    /// Row-wise: adds a number that is computed from the row, for example <c>row => row.Number("total") / row.Number("months")</c>.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="name">The new column.</param>
    /// <param name="expression">The computation; see <see cref="RowValues"/> for what it may use.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Derive(
        this ProcessingBuilder processing, string name, Expression<Func<RowValues, double?>> expression) =>
        Apply(processing, new DeriveColumn(Name(name), ExpressionTranslator.Translate(expression)));

    /// <summary>Row-wise: adds a truth value that is computed from the row.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="name">The new column.</param>
    /// <param name="expression">The computation; see <see cref="RowValues"/> for what it may use.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Derive(
        this ProcessingBuilder processing, string name, Expression<Func<RowValues, bool?>> expression) =>
        Apply(processing, new DeriveColumn(Name(name), ExpressionTranslator.Translate(expression)));

    /// <summary>Row-wise: adds a text that is computed from the row.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="name">The new column.</param>
    /// <param name="expression">The computation; see <see cref="RowValues"/> for what it may use.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Derive(
        this ProcessingBuilder processing, string name, Expression<Func<RowValues, string?>> expression) =>
        Apply(processing, new DeriveColumn(Name(name), ExpressionTranslator.Translate(expression)));

    /// <summary>Set-wise: keeps the rows for which an expression is true, for example <c>row => row.Number("tenure") > 0</c>.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="predicate">
    /// The condition; see <see cref="RowValues"/> for what it may use. A row for which it is missing is not kept.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Filter(this ProcessingBuilder processing, Expression<Func<RowValues, bool?>> predicate) =>
        Apply(processing, new FilterRows(ExpressionTranslator.Translate(predicate)));

    /// <summary>Set-wise: keeps the first of equal rows.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="key">The columns by which rows are equal; none for all columns.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder DropDuplicates(this ProcessingBuilder processing, params string[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Apply(processing, new DropDuplicates(Array.ConvertAll(key, Name)));
    }

    /// <summary>
    /// Set-wise: keeps one row of each key. Kept rows stay in their order and are not changed. All rows are looked at first;
    /// they wait in a temporary file.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="keys">The columns of the key, at least one.</param>
    /// <param name="keep">Which row of a key stays.</param>
    /// <param name="by">
    /// The Timestamp column whose order counts; of rows of the same time, the first or the last row. Default: the order of the rows.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder DropDuplicates(
        this ProcessingBuilder processing, IReadOnlyList<string> keys, KeepRow keep, string? by = null)
    {
        if (!Enum.IsDefined(keep)) throw new ArgumentOutOfRangeException(nameof(keep), keep, "Keep the first or the last.");
        return Apply(processing, new DropDuplicatesByKey(Names(keys, nameof(keys)), keep, by is null ? null : Name(by)));
    }

    /// <summary>
    /// Set-wise: puts the last known value of the same key where a column has none; what comes before the first value stays missing. Rows
    /// stream, and must come in the order of their times within each key; <see cref="SortByTime"/> puts them so.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="columns">The columns to fill, at least one.</param>
    /// <param name="key">The columns that tell one series from another; none when all rows are one.</param>
    /// <param name="orderBy">The Timestamp column of the order. A row without a time is an error.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder ForwardFill(
        this ProcessingBuilder processing, IReadOnlyList<string> columns, IReadOnlyList<string> key, string orderBy)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Apply(processing, new ForwardFill(Names(columns, nameof(columns)), [.. key.Select(Name)], Name(orderBy)));
    }

    /// <summary>
    /// Set-wise: puts the rows into the order of a time; rows of the same time keep their order. All rows are held in memory.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The Timestamp column. A row without a time is an error.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SortByTime(this ProcessingBuilder processing, string column) =>
        Apply(processing, new SortByTime(Name(column)));

    /// <summary>
    /// Set-wise: makes one row of each key and window of event time that has rows. The new table has the keys, <c>window_start</c>,
    /// <c>window_end</c> and the columns that you name, in the order of the windows. A window holds the times from its start up to, but not
    /// with, its end; windows are aligned to 1970-01-01 UTC. Rows may come in any order; the groups are held in memory, ten million at
    /// most. Rows that lack a key are a separate group.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="keys">The columns of the key; none for a row per window.</param>
    /// <param name="time">The Timestamp column of the event time. A row without a time is an error.</param>
    /// <param name="length">The length of a window, in whole microseconds.</param>
    /// <param name="columns">Names what is computed.</param>
    /// <param name="every">
    /// How far the starts of windows are apart, in whole microseconds, at most <paramref name="length"/>; a shorter step makes windows
    /// slide, and a row belongs to up to 10,000. Default: <paramref name="length"/>, windows that follow one another.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Aggregate(
        this ProcessingBuilder processing,
        IReadOnlyList<string> keys,
        string time,
        TimeSpan length,
        Action<AggregateColumns> columns,
        TimeSpan? every = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(columns);
        if (length <= TimeSpan.Zero || length.Ticks % TimeSpan.TicksPerMicrosecond != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(length), length, "The length of a window must be a positive number of microseconds.");
        }
        var step = every ?? length;
        if (step <= TimeSpan.Zero || step > length || step.Ticks % TimeSpan.TicksPerMicrosecond != 0 || length / step > 10_000)
        {
            throw new ArgumentOutOfRangeException(
                nameof(every),
                every,
                "The distance of windows must be a number of microseconds, at most their length and at least a ten-thousandth of it.");
        }
        var chosen = new AggregateColumns();
        columns(chosen);
        if (chosen.Columns.Count == 0) throw new ArgumentException("Name at least one column to compute.", nameof(columns));
        return Apply(processing, new AggregateRows([.. keys.Select(Name)], Name(time), length, step, chosen.Columns));
    }

    private static ProcessingBuilder Apply(ProcessingBuilder processing, IDataProcessor step)
    {
        ArgumentNullException.ThrowIfNull(processing);
        return processing.Apply(step);
    }

    private static ProcessingBuilder Apply(ProcessingBuilder processing, IRowSelection step)
    {
        ArgumentNullException.ThrowIfNull(processing);
        return processing.Apply(step);
    }
}
