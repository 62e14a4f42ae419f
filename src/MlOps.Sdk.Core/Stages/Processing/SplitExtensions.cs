using MlOps.Sdk.Processing;
using static MlOps.Sdk.Processing.ColumnNames;

namespace MlOps.Sdk;

/// <summary>The splits that come with the library.</summary>
public static class SplitExtensions
{
    /// <summary>
    /// Holds rows out by a keyed hash. A row's side depends on nothing but its key, so it never changes in a later run with the
    /// same or a larger test share; every class is held out in the same share, in expectation. Without declared key columns the
    /// key is the content without the label, so rows are divided again when later rows are collected with more or fewer columns:
    /// declare a key where there is one.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="test">The share to hold out, between 0 and 1.</param>
    /// <param name="key">
    /// The columns that identify a row, as they are collected, such as a customer's number: rows with equal keys stay together, and the
    /// label is not part of the key. None: all columns but the label, as they are collected, so a corrected label moves no row.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Split(this ProcessingBuilder processing, double test, params string[] key)
    {
        ArgumentNullException.ThrowIfNull(processing);
        ArgumentNullException.ThrowIfNull(key);
        return processing.Split(new HashSplitter(Share(test), Array.ConvertAll(key, Name)));
    }

    /// <summary>
    /// Holds rows out by a keyed hash that databases compute, too: a table in a warehouse is split by
    /// <see cref="WarehouseProcessingExtensions.SplitAsync"/> into the same sides, row by row. Otherwise like
    /// <see cref="Split(ProcessingBuilder, double, string[])"/>, but the sides are others than those of that split.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="test">The share to hold out, between 0 and 1.</param>
    /// <param name="key">
    /// The columns that identify a row, as they are collected, at least one: of whole numbers, texts, booleans or times.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SplitPortably(this ProcessingBuilder processing, double test, params string[] key)
    {
        ArgumentNullException.ThrowIfNull(processing);
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length == 0) throw new ArgumentException("Name the columns that identify a row.", nameof(key));
        return processing.Split(new HashSplitter(Share(test), Array.ConvertAll(key, Name), isPortable: true));
    }

    /// <summary>
    /// Holds whole groups out, such as all rows of some customers, by a keyed hash of the group: no group is on both sides, in this
    /// run or a later one. In cross-validation no group is in two folds. The test share is one of groups: where groups differ much in
    /// size, that of rows may differ.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The column of the group, as it is collected; a row without a value is an error.</param>
    /// <param name="test">The share of groups to hold out, between 0 and 1. Default: 0.2.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SplitByGroup(this ProcessingBuilder processing, string column, double test = 0.2)
    {
        ArgumentNullException.ThrowIfNull(processing);
        return processing.Split(new HashSplitter(Share(test), [Name(column)], FoldKind.Grouped));
    }

    /// <summary>
    /// Holds the newest rows out. Rows of the same time stay together. In cross-validation a fold is validated only on rows that are later
    /// than those it was trained on, by the gap.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The Timestamp column to go by, after the last step.</param>
    /// <param name="test">The share to hold out, at least, between 0 and 1.</param>
    /// <param name="gap">
    /// How far the holdout lies behind the rows to learn from: rows in between are on neither side, and counted. As long as it takes until
    /// a label is known. Default: none.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SplitByTime(this ProcessingBuilder processing, string column, double test, TimeSpan gap = default)
    {
        ArgumentNullException.ThrowIfNull(processing);
        return processing.Split(new TimeSplitter(Name(column), Share(test), null, Gap(gap)));
    }

    /// <summary>
    /// Holds rows out from a time on. In cross-validation a fold is validated only on rows that are later than those
    /// it was trained on, by the gap.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="column">The Timestamp column to go by, after the last step.</param>
    /// <param name="from">The first time to hold out; a local time is converted to UTC, an unspecified one is taken as UTC.</param>
    /// <param name="gap">
    /// How far the holdout lies behind the rows to learn from: rows in between are on neither side, and counted. As long as it takes until
    /// a label is known. Default: none.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder SplitByTime(this ProcessingBuilder processing, string column, DateTime from, TimeSpan gap = default)
    {
        ArgumentNullException.ThrowIfNull(processing);
        return processing.Split(new TimeSplitter(
            Name(column),
            null,
            from.Kind == DateTimeKind.Local ? from.ToUniversalTime() : DateTime.SpecifyKind(from, DateTimeKind.Utc),
            Gap(gap)));
    }

    private static TimeSpan Gap(TimeSpan gap) =>
        gap >= TimeSpan.Zero ? gap : throw new ArgumentOutOfRangeException(nameof(gap), gap, "A gap must not be negative.");

    internal static double Share(double test) =>
        test is > 0 and < 1
            ? test
            : throw new ArgumentOutOfRangeException(nameof(test), test, "The share to hold out must be between 0 and 1.");
}
