using System.Globalization;
using System.Linq.Expressions;
using MlOps.Sdk.Collection;
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

    /// <summary>
    /// Row-wise: turns a column into another type. A value that the type cannot hold without loss is an error that names the row.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The column.</param>
    /// <param name="type">The type that it shall have; not <see cref="ColumnType.Vector"/>.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Cast(this ProcessingBuilder builder, string column, ColumnType type) =>
        Apply(builder, new CastColumn(
            Name(column),
            type is ColumnType.Vector || !Enum.IsDefined(type) ? throw new ArgumentOutOfRangeException(nameof(type)) : type));

    /// <summary>
    /// Row-wise: reads texts as points in time. A text that tells its own offset (<c>K</c>, <c>zzz</c>) keeps it; any other is a time in
    /// <paramref name="zone"/>. A time that clocks skip when they are moved forward counts on from before: with an hour skipped at 02:00,
    /// 02:30 becomes 03:30. Of a time that clocks show twice the earlier is meant. A missing text stays missing; one that has none of the
    /// formats is an error that names the row. Zones change by law: the time zone data of the machine that serves should be as new as
    /// that of the machine that trains.
    /// </summary>
    /// <param name="builder">The builder.</param>
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
        this ProcessingBuilder builder, string column, IReadOnlyList<string> formats, string zone = "UTC", string culture = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(zone);
        ArgumentNullException.ThrowIfNull(culture);
        return Apply(builder, new ParseDates(Name(column), Names(formats, nameof(formats)), zone, culture));
    }

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

    /// <summary>
    /// Row-wise: makes texts equal that differ only in case or spaces. A text of which nothing is left becomes a missing value.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The column, of texts.</param>
    /// <param name="trim">Whether spaces at both ends are removed. Default: yes.</param>
    /// <param name="lower">Whether letters become lower case (invariant). Default: yes.</param>
    /// <param name="collapseSpaces">Whether runs of white space become one space. Default: yes.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder NormalizeText(
        this ProcessingBuilder builder, string column, bool trim = true, bool lower = true, bool collapseSpaces = true) =>
        Apply(builder, new NormalizeText(Name(column), trim, lower, collapseSpaces));

    /// <summary>
    /// Row-wise: adds a number that is computed from the row, for example <c>row => row.Number("total") / row.Number("months")</c>.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The new column.</param>
    /// <param name="expression">The computation; see <see cref="RowValues"/> for what it may use.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Derive(this ProcessingBuilder builder, string name, Expression<Func<RowValues, double?>> expression) =>
        Apply(builder, new DeriveColumn(Name(name), ExpressionTranslator.Translate(expression)));

    /// <summary>Row-wise: adds a truth value that is computed from the row.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The new column.</param>
    /// <param name="expression">The computation; see <see cref="RowValues"/> for what it may use.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Derive(this ProcessingBuilder builder, string name, Expression<Func<RowValues, bool?>> expression) =>
        Apply(builder, new DeriveColumn(Name(name), ExpressionTranslator.Translate(expression)));

    /// <summary>Row-wise: adds a text that is computed from the row.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The new column.</param>
    /// <param name="expression">The computation; see <see cref="RowValues"/> for what it may use.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Derive(this ProcessingBuilder builder, string name, Expression<Func<RowValues, string?>> expression) =>
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

    /// <summary>
    /// Set-wise: keeps one row of each key. Kept rows stay in their order and are not changed. All rows are looked at first;
    /// they wait in a temporary file.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="keys">The columns of the key, at least one.</param>
    /// <param name="keep">Which row of a key stays.</param>
    /// <param name="by">
    /// The Timestamp column whose order counts; of rows of the same time, the first or the last row. Default: the order of the rows.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder DropDuplicates(
        this ProcessingBuilder builder, IReadOnlyList<string> keys, KeepRow keep, string? by = null)
    {
        if (!Enum.IsDefined(keep)) throw new ArgumentOutOfRangeException(nameof(keep), keep, "Keep the first or the last.");
        return Apply(builder, new DropDuplicatesByKey(Names(keys, nameof(keys)), keep, by is null ? null : Name(by)));
    }

    /// <summary>
    /// Set-wise: puts the last known value of the same key where a column has none; what comes before the first value stays missing. Rows
    /// stream, and must come in the order of their times within each key; <see cref="SortByTime"/> puts them so.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="columns">The columns to fill, at least one.</param>
    /// <param name="key">The columns that tell one series from another; none when all rows are one.</param>
    /// <param name="orderBy">The Timestamp column of the order. A row without a time is an error.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder ForwardFill(
        this ProcessingBuilder builder, IReadOnlyList<string> columns, IReadOnlyList<string> key, string orderBy)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Apply(builder, new ForwardFill(Names(columns, nameof(columns)), [.. key.Select(Name)], Name(orderBy)));
    }

    /// <summary>
    /// Set-wise: puts the rows into the order of a time; rows of the same time keep their order. All rows are held in memory.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The Timestamp column. A row without a time is an error.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SortByTime(this ProcessingBuilder builder, string column) =>
        Apply(builder, new SortByTime(Name(column)));

    /// <summary>
    /// Set-wise: makes one row of each key and window of event time that has rows. The new table has the keys, <c>window_start</c>,
    /// <c>window_end</c> and the columns that you name, in the order of the windows. A window holds the times from its start up to, but not
    /// with, its end; windows are aligned to 1970-01-01 UTC. Rows may come in any order; the groups are held in memory, ten million at
    /// most. Rows that lack a key are a group of their own.
    /// </summary>
    /// <param name="builder">The builder.</param>
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
        this ProcessingBuilder builder,
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
            throw new ArgumentOutOfRangeException(nameof(length), length, "A window is some whole microseconds long.");
        }
        var step = every ?? length;
        if (step <= TimeSpan.Zero || step > length || step.Ticks % TimeSpan.TicksPerMicrosecond != 0 || length / step > 10_000)
        {
            throw new ArgumentOutOfRangeException(
                nameof(every),
                every,
                "Windows begin some whole microseconds apart, at most their length and at least a ten-thousandth of it.");
        }
        var chosen = new AggregateColumns();
        columns(chosen);
        if (chosen.Columns.Count == 0) throw new ArgumentException("Name at least one column to compute.", nameof(columns));
        return Apply(builder, new AggregateRows([.. keys.Select(Name)], Name(time), length, step, chosen.Columns));
    }

    /// <summary>
    /// Set-wise: appends columns of a reference whose key equals the row's. A row never becomes several: two rows of the reference with one
    /// key are an error. A missing key equals none. Rows stream, the reference is read anew in each run and held in memory; its content is
    /// part of the run's fingerprint.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="reference">The table to look up in.</param>
    /// <param name="on">The columns of the key, of the same names on both sides; at least one.</param>
    /// <param name="kind">What happens to a row without counterpart. Default: it stays, without values.</param>
    /// <param name="columns">The reference's columns to append. Default: all but the key.</param>
    /// <param name="prefix">What the new columns' names begin with. Default: nothing.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Join(
        this ProcessingBuilder builder,
        IDataSource reference,
        IReadOnlyList<string> on,
        JoinKind kind = JoinKind.Left,
        IReadOnlyList<string>? columns = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(reference);
        var wanted = columns is null ? null : on?.Concat(columns).Distinct(StringComparer.Ordinal).ToArray();
        return Join(builder, () => ReferenceTable.Of(reference, wanted), on!, kind, columns, prefix);
    }

    /// <inheritdoc cref="Join(ProcessingBuilder, IDataSource, IReadOnlyList{string}, JoinKind, IReadOnlyList{string}, string)"/>
    public static ProcessingBuilder Join(
        this ProcessingBuilder builder,
        Dataset reference,
        IReadOnlyList<string> on,
        JoinKind kind = JoinKind.Left,
        IReadOnlyList<string>? columns = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(reference);
        return Join(builder, () => ReferenceTable.Of(reference), on, kind, columns, prefix);
    }

    /// <summary>
    /// Set-wise: appends to each row the features of its entity as they were known at the row's time, so that no row learns from its
    /// future: of the features whose event time and known time are not later than the row's time, those of the latest event; of the same
    /// event, those known last, then the later row. Exactly one row comes out for each that goes in, in order; without such features it has
    /// no values. Rows stream, the features are read anew in each run and held in memory; their content is part of the run's fingerprint.
    /// Call it once for each table of features.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="features">The table of features.</param>
    /// <param name="entity">
    /// The columns that identify the entity, of the same names on both sides; at least one. A missing one equals none.
    /// </param>
    /// <param name="time">The Timestamp column of the rows' time. A row without a time is an error.</param>
    /// <param name="eventTime">The features' Timestamp column that says when what they tell happened; every row has one.</param>
    /// <param name="knownTime">
    /// The features' Timestamp column that says since when they are known; every row has one. Default: since the event.
    /// </param>
    /// <param name="maxAge">How long before the row's time the event may lie, this included. Default: any time.</param>
    /// <param name="columns">The features' columns to append. Default: all but entity, event time and known time.</param>
    /// <param name="prefix">What the new columns' names begin with. Default: nothing.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder PointInTimeJoin(
        this ProcessingBuilder builder,
        IDataSource features,
        IReadOnlyList<string> entity,
        string time,
        string eventTime,
        string? knownTime = null,
        TimeSpan? maxAge = null,
        IReadOnlyList<string>? columns = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(features);
        string[]? wanted = columns is null || entity is null
            ? null
            : [.. entity.Append(eventTime).Concat(knownTime is null ? [] : [knownTime]).Concat(columns).Distinct(StringComparer.Ordinal)];
        return PointInTimeJoin(
            builder, () => ReferenceTable.Of(features, wanted), entity!, time, eventTime, knownTime, maxAge, columns, prefix);
    }

    /// <inheritdoc cref="PointInTimeJoin(ProcessingBuilder, IDataSource, IReadOnlyList{string}, string, string, string, TimeSpan?, IReadOnlyList{string}, string)"/>
    public static ProcessingBuilder PointInTimeJoin(
        this ProcessingBuilder builder,
        Dataset features,
        IReadOnlyList<string> entity,
        string time,
        string eventTime,
        string? knownTime = null,
        TimeSpan? maxAge = null,
        IReadOnlyList<string>? columns = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(features);
        return PointInTimeJoin(builder, () => ReferenceTable.Of(features), entity, time, eventTime, knownTime, maxAge, columns, prefix);
    }

    /// <summary>Set-wise: keeps the rows for which an expression is true, for example <c>row => row.Number("tenure") > 0</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="predicate">
    /// The condition; see <see cref="RowValues"/> for what it may use. A row for which it is missing is not kept.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public static ProcessingBuilder Filter(this ProcessingBuilder builder, Expression<Func<RowValues, bool?>> predicate) =>
        Apply(builder, new FilterRows(ExpressionTranslator.Translate(predicate)));

    /// <summary>Adds an expectation, for example <c>rows => rows.Column("tenure").Between(0, 120)</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="expectation">Chooses the expectation.</param>
    /// <param name="onFailure">What happens when it is not met. Default: the run fails.</param>
    /// <param name="mostly">
    /// The share of rows that must pass, above 0 and up to 1. Default: all; and with <see cref="OnFailure.Quarantine"/>, where the run
    /// fails when fewer pass, no limit.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Expect(
        this ProcessingBuilder builder,
        Func<ExpectationRows, IExpectation> expectation,
        OnFailure onFailure = OnFailure.Fail,
        double? mostly = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(expectation);
        return builder.Expect(expectation(new ExpectationRows()), onFailure, mostly);
    }

    /// <summary>Adds expectations that earlier rows suggested.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="suggested">The expectations.</param>
    /// <param name="onFailure">What happens when one is not met. Default: the run fails.</param>
    /// <param name="mostly">
    /// The share of rows that must pass, above 0 and up to 1. Default: all; and with <see cref="OnFailure.Quarantine"/>, where the run
    /// fails when fewer pass, no limit.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Expect(
        this ProcessingBuilder builder, SuggestedExpectations suggested, OnFailure onFailure = OnFailure.Fail, double? mostly = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(suggested);
        foreach (var one in suggested) builder.Expect(one.Expectation, onFailure, mostly);
        return builder;
    }

    /// <summary>
    /// Holds rows out by a keyed hash. A row's side depends on nothing but its key, so it never changes in a later run with the
    /// same or a larger test share; every class is held out in the same share, in expectation. Without declared key columns the
    /// key is the content without the label, so rows are divided anew when later rows are collected with more or fewer columns:
    /// declare a key where there is one.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="test">The share to hold out, between 0 and 1.</param>
    /// <param name="key">
    /// The columns that identify a row, as they are collected, such as a customer's number: rows with equal keys stay together, and the
    /// label is not part of the key. None: all columns but the label, as they are collected, so a corrected label moves no row.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Split(this ProcessingBuilder builder, double test, params string[] key)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(key);
        return builder.Split(new HashSplitter(Share(test), Array.ConvertAll(key, Name)));
    }

    /// <summary>
    /// Holds whole groups out, such as all rows of some customers, by a keyed hash of the group: no group is on both sides, in this
    /// run or a later one. In cross-validation no group is in two folds. The test share is one of groups: where groups differ much in
    /// size, that of rows may differ.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The column of the group, as it is collected; a row without a value is an error.</param>
    /// <param name="test">The share of groups to hold out, between 0 and 1. Default: 0.2.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SplitByGroup(this ProcessingBuilder builder, string column, double test = 0.2)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Split(new HashSplitter(Share(test), [Name(column)], FoldKind.Grouped));
    }

    /// <summary>
    /// Holds the newest rows out. Rows of the same time stay together. In cross-validation a fold is validated only on rows that are later
    /// than those it was trained on, by the gap.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The Timestamp column to go by, after the last step.</param>
    /// <param name="test">The share to hold out, at least, between 0 and 1.</param>
    /// <param name="gap">
    /// How far the holdout lies behind the rows to learn from: rows in between are on neither side, and counted. As long as it takes until
    /// a label is known. Default: none.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SplitByTime(this ProcessingBuilder builder, string column, double test, TimeSpan gap = default)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Split(new TimeSplitter(Name(column), Share(test), null, Gap(gap)));
    }

    /// <summary>
    /// Holds rows out from a time on. In cross-validation a fold is validated only on rows that are later than those
    /// it was trained on, by the gap.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="column">The Timestamp column to go by, after the last step.</param>
    /// <param name="from">The first time to hold out; a local time is converted to UTC, an unspecified one is taken as UTC.</param>
    /// <param name="gap">
    /// How far the holdout lies behind the rows to learn from: rows in between are on neither side, and counted. As long as it takes until
    /// a label is known. Default: none.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SplitByTime(this ProcessingBuilder builder, string column, DateTime from, TimeSpan gap = default)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Split(new TimeSplitter(
            Name(column),
            null,
            from.Kind == DateTimeKind.Local ? from.ToUniversalTime() : DateTime.SpecifyKind(from, DateTimeKind.Utc),
            Gap(gap)));
    }

    // The table is read anew in each run, so each run has a step of its own.
    private static ProcessingBuilder Join(
        ProcessingBuilder builder,
        Func<ReferenceTable> reference,
        IReadOnlyList<string> on,
        JoinKind kind,
        IReadOnlyList<string>? columns,
        string prefix)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(prefix);
        if (!Enum.IsDefined(kind)) throw new ArgumentOutOfRangeException(nameof(kind), kind, "A join is inner or left.");
        var keys = Names(on, nameof(on));
        var chosen = columns is null ? null : Names(columns, nameof(columns));
        return builder.Apply(() => new JoinReference(reference(), keys, kind, chosen, prefix));
    }

    private static ProcessingBuilder PointInTimeJoin(
        ProcessingBuilder builder,
        Func<ReferenceTable> features,
        IReadOnlyList<string> entity,
        string time,
        string eventTime,
        string? knownTime,
        TimeSpan? maxAge,
        IReadOnlyList<string>? columns,
        string prefix)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(prefix);
        if (maxAge < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(maxAge), maxAge, "An age is not negative.");
        var keys = Names(entity, nameof(entity));
        var chosen = columns is null ? null : Names(columns, nameof(columns));
        var (requested, happened, known) = (Name(time), Name(eventTime), knownTime is null ? null : Name(knownTime));
        return builder.Apply(() => new PointInTimeJoin(features(), keys, requested, happened, known, maxAge, chosen, prefix));
    }

    private static string[] Names(IReadOnlyList<string> columns, string parameter)
    {
        ArgumentNullException.ThrowIfNull(columns, parameter);
        return columns.Count == 0 ? throw new ArgumentException("Name at least one.", parameter) : [.. columns.Select(Name)];
    }

    private static ProcessingBuilder Apply(ProcessingBuilder builder, IDataProcessor step)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Apply(step);
    }

    private static ProcessingBuilder Apply(ProcessingBuilder builder, IRowSelection step)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Apply(step);
    }

    private static string Name(string column)
    {
        ArgumentException.ThrowIfNullOrEmpty(column);
        return column;
    }

    private static TimeSpan Gap(TimeSpan gap) =>
        gap >= TimeSpan.Zero ? gap : throw new ArgumentOutOfRangeException(nameof(gap), gap, "A gap is not negative.");

    private static double Share(double test) =>
        test is > 0 and < 1
            ? test
            : throw new ArgumentOutOfRangeException(nameof(test), test, "The share to hold out lies between 0 and 1.");
}
