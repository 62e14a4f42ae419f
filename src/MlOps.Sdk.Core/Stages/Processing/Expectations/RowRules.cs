using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Expectations of some columns of each row, compared with each other. Rows without a value in one of them
/// pass; NaN is not a value. Thread-safe.
/// </summary>
public sealed class RowRules
{
    private readonly string[] _columns;

    internal RowRules(string[] columns) => _columns = columns;

    /// <summary>
    /// The values do not fall from one column to the next, as a start and an end. For Number, Integer, Boolean and Timestamp columns; a
    /// Timestamp is compared with a Timestamp only.
    /// </summary>
    /// <param name="strictly">Whether equal values fail, too. Default: no.</param>
    public IExpectation AreOrdered(bool strictly = false) => New("ordered", $"{string.Join(strictly ? " < " : " <= ", _columns)}", fields =>
    {
        RequireOrdered(fields);
        return (columns, failed) =>
        {
            for (var row = 0; row < failed.Length; row++) failed[row] = HasAll(columns, row) && !IsOrdered(columns, row, strictly);
        };
    }, terms => terms.AnyPair(_columns, strictly ? ">=" : ">"));

    /// <summary>
    /// All columns have the same value. For columns of the same type, and for Number and Integer columns among each other.
    /// </summary>
    public IExpectation AreEqual() => New("equal", string.Join(" = ", _columns), fields =>
    {
        foreach (var field in fields.Skip(1))
        {
            if (field.Type != ColumnType.Vector && (field.Type == fields[0].Type || IsNumber(field) && IsNumber(fields[0]))) continue;
            throw Incomparable(fields[0], field);
        }

        return (columns, failed) =>
        {
            for (var row = 0; row < failed.Length; row++)
            {
                failed[row] = HasAll(columns, row) && !columns.Skip(1).All(column => AreSame(columns[0], column, row));
            }
        };
    }, terms => terms.AnyPair(_columns, "<>"));

    /// <summary>The columns add up to another. For Number, Integer and Boolean columns.</summary>
    /// <param name="total">The column with the sum.</param>
    /// <param name="tolerance">
    /// How far the sum may be off, at least 0, in the unit of the columns. Default: 1e-9, which lets binary fractions pass.
    /// </param>
    public IExpectation AddUpTo(string total, double tolerance = 1e-9)
    {
        ArgumentException.ThrowIfNullOrEmpty(total);
        if (!(tolerance >= 0)) throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "A tolerance must be at least 0.");
        string[] all = [.. _columns, total];
        var description = string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(" + ", _columns)} = {total} (give or take {tolerance:R})");
        return new TupleExpectation(all, $"{string.Join('_', all)}.add_up", description, fields =>
        {
            if (fields.FirstOrDefault(field => !IsNumber(field) && field.Type != ColumnType.Boolean) is { } other)
            {
                throw new MlOpsException(
                    $"A sum is expected of a {other.Type} column.",
                    "Cast the column to Number first.") { Column = other.Name };
            }
            return (columns, failed) =>
            {
                for (var row = 0; row < failed.Length; row++)
                {
                    if (!HasAll(columns, row)) continue;
                    var sum = 0.0;
                    for (var i = 0; i < columns.Count - 1; i++) sum += columns[i].GetNumber(row);
                    failed[row] = !(Math.Abs(sum - columns[^1].GetNumber(row)) <= tolerance);
                }
            };
        }, new ConditionPlan(all, terms => terms.IsSumOff(_columns, total, tolerance)));
    }

    internal static bool HasAll(IReadOnlyList<Column> columns, int row)
    {
        foreach (var column in columns)
        {
            if (column.IsMissing(row)) return false;
        }

        return true;
    }

    /// <summary>Compares two values; whole numbers and times exactly, where a double would round them.</summary>
    internal static int Compare(Column a, int rowOfA, Column b, int rowOfB) => a is Column<long> left && b is Column<long> right
        ? left.Values[rowOfA].CompareTo(right.Values[rowOfB])
        : a.GetNumber(rowOfA).CompareTo(b.GetNumber(rowOfB));

    private static bool IsOrdered(IReadOnlyList<Column> columns, int row, bool strictly)
    {
        for (var i = 1; i < columns.Count; i++)
        {
            if (Compare(columns[i - 1], row, columns[i], row) is var order && (order > 0 || strictly && order == 0)) return false;
        }

        return true;
    }

    private static bool AreSame(Column a, Column b, int row) =>
        a.Type == ColumnType.Text ? a.GetText(row) == b.GetText(row) : Compare(a, row, b, row) == 0;

    private static bool IsNumber(Field field) => field.Type is ColumnType.Number or ColumnType.Integer;

    private static void RequireOrdered(IReadOnlyList<Field> fields)
    {
        foreach (var field in fields)
        {
            if (field.Type is ColumnType.Text or ColumnType.Vector)
            {
                throw new MlOpsException(
                    $"An order is expected of a {field.Type} column.",
                    "Cast the column to Number or Timestamp first.") { Column = field.Name };
            }
            if (field.Type == ColumnType.Timestamp != (fields[0].Type == ColumnType.Timestamp)) throw Incomparable(fields[0], field);
        }
    }

    private static MlOpsException Incomparable(Field a, Field b) =>
        new(
            $"The {a.Type} column '{a.Name}' cannot be compared with the {b.Type} column '{b.Name}'.",
            "Cast one of the two, so that both have the same type.") { Column = b.Name };

    private TupleExpectation New(
        string name,
        string description,
        Func<IReadOnlyList<Field>, TupleExpectation.Test> begin,
        Func<TableTerms, string> condition) =>
        new(_columns, $"{string.Join('_', _columns)}.{name}", description, begin, new ConditionPlan(_columns, condition));
}
