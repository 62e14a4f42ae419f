using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Expectations of one column. Except for <see cref="NotNull"/>, rows without a value pass; NaN is not a value. Thread-safe.
/// </summary>
public sealed class ColumnRules
{
    private const string NoValue = "there is no value";
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);
    private readonly string _column;
    private readonly TimeSpan _matchTimeout;

    /// <param name="column">The column's name.</param>
    /// <param name="matchTimeout">How long a pattern may take on one text. Default: a second.</param>
    internal ColumnRules(string column, TimeSpan? matchTimeout = null)
    {
        _column = column;
        _matchTimeout = matchTimeout ?? LongestMatch;
    }

    /// <summary>Every row has a value.</summary>
    public IExpectation NotNull() => New("not_null", "has a value", _ => static (column, failed) =>
    {
        for (var row = 0; row < failed.Length; row++) failed[row] = column.IsMissing(row);
    }, new ConditionPlan([_column], terms => terms.IsMissing(_column)));

    /// <summary>
    /// The value lies in a range, both ends included. For Number, Integer, Boolean (0 and 1) and Timestamp (seconds
    /// since 1970-01-01 UTC) columns.
    /// </summary>
    /// <param name="min">The smallest value.</param>
    /// <param name="max">The largest value.</param>
    public IExpectation Between(double min, double max)
    {
        RequireRange(min, max);
        return New("between", string.Create(CultureInfo.InvariantCulture, $"is between {min:R} and {max:R}"), field =>
        {
            RequireNumbers(field, "A range");
            return (column, failed) =>
            {
                for (var row = 0; row < failed.Length; row++)
                {
                    failed[row] = !column.IsMissing(row) && !(column.GetNumber(row) is var value && value >= min && value <= max);
                }
            };
        }, new ConditionPlan([_column], terms => terms.IsOutside(_column, min, max)));
    }

    /// <summary>The value is one of some texts; values of other types are compared in their invariant text.</summary>
    /// <param name="values">The texts, at least one.</param>
    public IExpectation In(params string[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length == 0) throw new ArgumentException("Give at least one value.", nameof(values));
        var allowed = values.ToHashSet(StringComparer.Ordinal);
        return New(
            "in",
            $"is one of {string.Join(", ", allowed.Order(StringComparer.Ordinal).Select(value => $"'{value}'"))}",
            _ => (column, failed) =>
            {
                for (var row = 0; row < failed.Length; row++)
                {
                    failed[row] = !column.IsMissing(row) && column.GetText(row) is { } text && !allowed.Contains(text);
                }
            },
            new ConditionPlan([_column], terms => terms.IsNoneOf(_column, allowed)) { IsOfTexts = true });
    }

    /// <summary>
    /// No value appears twice; a value's first row passes. A 128-bit hash is kept of each value, so two of n different values pass for
    /// equal with a probability below n² / 2^129.
    /// </summary>
    public IExpectation Unique() => New("unique", "is unique", field =>
    {
        var hasher = new RowKeyHasher(new Schema(field), [], "unique", "", required: false);
        var seen = new HashSet<RowKey>();
        var keys = new RowKey[RecordBatch.MaxRows];
        return (column, failed) =>
        {
            hasher.Compute(new RecordBatch(new Schema(field), [column]), keys);
            for (var row = 0; row < failed.Length; row++) failed[row] = !column.IsMissing(row) && !seen.Add(keys[row]);
        };
    }, new DuplicatesPlan([_column]));

    /// <summary>
    /// A pattern is found in the text; <c>^</c> and <c>$</c> bind it to the ends. Values of other types are read in their invariant text.
    /// Matching takes time linear in the text; for a pattern that looks around or refers back that cannot be promised, and a text that
    /// takes longer than a second ends the run.
    /// </summary>
    /// <param name="pattern">A .NET regular expression, matched without regard to culture.</param>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    public IExpectation Matches([StringSyntax(StringSyntaxAttribute.Regex)] string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        var regex = Linear(pattern, _matchTimeout);
        return New("matches", $"matches '{pattern}'", field => (column, failed) =>
        {
            for (var row = 0; row < failed.Length; row++)
            {
                try
                {
                    failed[row] = !column.IsMissing(row) && column.GetText(row) is { } text && !regex.IsMatch(text);
                }
                catch (RegexMatchTimeoutException e)
                {
                    throw new MlOpsException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"The pattern '{pattern}' takes longer than {regex.MatchTimeout.TotalSeconds:0.###} s on the text " +
                                $"'{PrintableText.Shorten(column.GetText(row)!)}'."),
                        "Write the pattern without lookarounds and back references, so that it is matched in linear time.",
                        e) { Column = field.Name };
                }
            }
        });
    }

    /// <summary>
    /// The text's length lies in a range, both ends included; values of other types are measured in their invariant text.
    /// </summary>
    /// <param name="min">The fewest characters (UTF-16 code units), at least 0.</param>
    /// <param name="max">The most characters.</param>
    public IExpectation LengthBetween(int min, int max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(min);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, min);
        return New("length", string.Create(CultureInfo.InvariantCulture, $"is {min} to {max} characters long"), _ => (column, failed) =>
        {
            for (var row = 0; row < failed.Length; row++)
            {
                failed[row] = !column.IsMissing(row) && column.GetText(row) is { } text && (text.Length < min || text.Length > max);
            }
        }, new ConditionPlan([_column], terms => terms.IsLengthOutside(_column, min, max)) { IsOfTexts = true });
    }

    /// <summary>
    /// No value is smaller than the one before it, in the order in which rows are read. For Number, Integer, Boolean and Timestamp columns.
    /// </summary>
    /// <param name="strictly">Whether equal values fail, too. Default: no.</param>
    public IExpectation IsIncreasing(bool strictly = false) =>
        New(strictly ? "strictly_increasing" : "increasing", strictly ? "is strictly increasing" : "is increasing", field =>
        {
            RequireNumbers(field, "An order");
            Column? last = null;
            return (column, failed) =>
            {
                var previous = -1;
                for (var row = 0; row < failed.Length; row++)
                {
                    if (column.IsMissing(row)) continue;
                    var order = previous >= 0 ? RowRules.Compare(column, previous, column, row)
                        : last is null ? -1
                        : RowRules.Compare(last, 0, column, row);
                    failed[row] = order > 0 || strictly && order == 0;
                    previous = row;
                }

                if (previous >= 0) last = column.Take([previous]);
            };
        }, OrderPlan.Instance);

    /// <summary>Every value occurs in a column of a table. A 128-bit hash is kept of each value of the table.</summary>
    /// <param name="reference">The table.</param>
    /// <param name="column">Its column, of the same type; Number and Integer go together.</param>
    /// <exception cref="MlOpsException">The table has no such column.</exception>
    public IExpectation OccursIn(Dataset reference, string column)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentException.ThrowIfNullOrEmpty(column);
        return new ReferenceExpectation(_column, reference, column);
    }

    /// <summary>
    /// Every value occurs in a column of a source, which is read in each run; so what stage 3 gave is never reused. A 128-bit hash is
    /// kept of each value of the source.
    /// </summary>
    /// <param name="reference">The source.</param>
    /// <param name="column">Its column, of the same type; Number and Integer go together.</param>
    public IExpectation OccursIn(IDataSource reference, string column)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentException.ThrowIfNullOrEmpty(column);
        return new ReferenceExpectation(_column, reference, column);
    }

    /// <summary>
    /// The latest time is not older than an age. Since that depends on when it is asked, what stage 3 gave is never reused. For Timestamp
    /// columns; without any value it is not met.
    /// </summary>
    /// <param name="age">The age, above zero.</param>
    /// <param name="time">The clock. Default: the system's.</param>
    public IExpectation NotOlderThan(TimeSpan age, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(age, TimeSpan.Zero);
        var clock = time ?? TimeProvider.System;
        return Whole("not_older_than", $"the latest {_column} is not older than {age:c}", field =>
        {
            if (field.Type != ColumnType.Timestamp)
            {
                throw new MlOpsException(
                    $"An expectation on age needs a Timestamp column, not {field.Type}.",
                    "Cast the column to Timestamp first.") { Column = field.Name };
            }
            DateTime? latest = null;
            return new ColumnTotal(
                column =>
                {
                    for (var row = 0; row < column.Length; row++)
                    {
                        if (!column.IsNull(row) && ((TimestampColumn)column).GetTimestamp(row) is var at && (latest is null || at > latest))
                        {
                            latest = at;
                        }
                    }
                },
                () => Complete(latest));
        }, facts => Complete(facts.Highest is long microseconds ? TimeCounts.Of(microseconds) : null));

        string? Complete(DateTime? latest) => latest is not { } newest ? NoValue
            : clock.GetUtcNow().UtcDateTime - newest <= age ? null
            : string.Create(CultureInfo.InvariantCulture, $"the latest is of {newest:yyyy-MM-dd HH:mm:ss} UTC");
    }

    /// <summary>
    /// The mean lies in a range, both ends included. For Number, Integer, Boolean and Timestamp (seconds since 1970-01-01 UTC) columns;
    /// without any value, or with infinite ones, it is not met.
    /// </summary>
    /// <param name="min">The smallest mean.</param>
    /// <param name="max">The largest mean.</param>
    public IExpectation MeanBetween(double min, double max)
    {
        RequireRange(min, max);
        return Whole("mean", string.Create(CultureInfo.InvariantCulture, $"the mean of {_column} is between {min:R} and {max:R}"), field =>
        {
            RequireNumbers(field, "A mean");
            var moments = new Moments();
            long infinite = 0;
            return new ColumnTotal(
                column => infinite += AddNumbers(column, moments.Add), () => Complete(moments, infinite));
        }, facts => Complete(facts.Profile().Moments!, facts.Infinite));

        string? Complete(Moments moments, long infinite) =>
            infinite > 0 ? string.Create(CultureInfo.InvariantCulture, $"{infinite} values are infinite")
            : moments.Count == 0 ? NoValue
            : moments.Mean >= min && moments.Mean <= max ? null
            : string.Create(CultureInfo.InvariantCulture, $"it is {moments.Mean:G6}");
    }

    /// <summary>
    /// A quantile lies in a range, both ends included. It is taken from a sketch (<see cref="QuantileSketch"/>, exact up to some hundred
    /// values): the expectation fails only when the quantile lies outside for every rank within the sketch's error, 0.7 % of the rows at 99
    /// % confidence. For Number, Integer, Boolean and Timestamp (seconds since 1970-01-01 UTC) columns; without any value it is not met.
    /// </summary>
    /// <param name="quantile">The quantile, 0 to 1: 0.5 for the median.</param>
    /// <param name="min">The smallest value.</param>
    /// <param name="max">The largest value.</param>
    public IExpectation QuantileBetween(double quantile, double min, double max)
    {
        if (!(quantile is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(quantile), quantile, "A quantile lies between 0 and 1.");
        }
        RequireRange(min, max);
        return Whole(
            "quantile",
            string.Create(CultureInfo.InvariantCulture, $"the {quantile:R} quantile of {_column} is between {min:R} and {max:R}"),
            field =>
            {
                RequireNumbers(field, "A quantile");
                var sketch = new QuantileSketch();
                return new ColumnTotal(column => AddNumbers(column, sketch.Add, finite: false), () => Complete(sketch));
            },
            facts => Complete(facts.SketchOfAll()));

        string? Complete(QuantileSketch sketch)
        {
            if (sketch.Count == 0) return NoValue;

            // Both ends are exact in a sketch.
            var error = quantile is 0 or 1 ? 0 : sketch.RankError;
            var (low, high) = (sketch.Quantile(Math.Max(0, quantile - error)), sketch.Quantile(Math.Min(1, quantile + error)));
            return high >= min && low <= max ? null
                : error == 0 ? string.Create(CultureInfo.InvariantCulture, $"it is {low:G6}")
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"it is {sketch.Quantile(quantile):G6}, estimated by a sketch, between {low:G6} and {high:G6}");
        }
    }

    private static Regex Linear(string pattern, TimeSpan timeout)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, timeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, timeout);
        }
    }

    private void RequireRange(double min, double max)
    {
        if (!(min <= max))
        {
            throw new ArgumentOutOfRangeException(
                nameof(max),
                string.Create(CultureInfo.InvariantCulture, $"The expected range of '{_column}' is empty: {min} to {max}."));
        }
    }

    private static void RequireNumbers(Field field, string wanted)
    {
        if (field.Type is ColumnType.Text or ColumnType.Vector)
        {
            throw new MlOpsException(
                $"{wanted} is expected of a {field.Type} column.",
                "Cast the column to Number first.") { Column = field.Name };
        }
    }

    private static long AddNumbers(Column column, Action<double> add, bool finite = true)
    {
        long left = 0;
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsMissing(row)) continue;
            var value = column.GetNumber(row);
            if (!finite || double.IsFinite(value)) add(value);
            else left++;
        }

        return left;
    }

    private TotalExpectation Whole(
        string name, string description, Func<Field, ColumnTotal> begin, Func<ColumnFacts, string?> judge) =>
        new(_column, name, description, begin, judge);

    private ValueExpectation New(
        string name, string description, Func<Field, ValueExpectation.Test> begin, TablePlan? plan = null) =>
        new(_column, name, description, begin, plan);
}
