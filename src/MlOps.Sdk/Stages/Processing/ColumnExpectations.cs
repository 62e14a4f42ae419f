using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Expectations of one column. Except for <see cref="NotNull"/>, rows without a value pass. Thread-safe.</summary>
public sealed class ColumnExpectations
{
    private readonly string _column;

    internal ColumnExpectations(string column) => _column = column;

    /// <summary>Every row has a value.</summary>
    public IExpectation NotNull() => New("not_null", "has a value", _ => static (column, failed) =>
    {
        for (var row = 0; row < failed.Length; row++) failed[row] = column.IsNull(row);
    });

    /// <summary>The value lies in a range, both ends included. For Number, Integer, Boolean (0 and 1) and Timestamp (seconds since 1970-01-01 UTC) columns.</summary>
    /// <param name="min">The smallest value.</param>
    /// <param name="max">The largest value.</param>
    public IExpectation Between(double min, double max)
    {
        if (!(min <= max)) throw new ArgumentOutOfRangeException(nameof(max), "The range is empty.");
        return New("between", string.Create(CultureInfo.InvariantCulture, $"is between {min:R} and {max:R}"), field =>
        {
            if (field.Type is ColumnType.Text or ColumnType.Vector)
                throw new MlOpsException($"A range is expected of a {field.Type} column.", "Cast the column to Number before.") { Column = field.Name };
            return (column, failed) =>
            {
                for (var row = 0; row < failed.Length; row++) failed[row] = !column.IsNull(row) && !(column.GetNumber(row) is var value && value >= min && value <= max);
            };
        });
    }

    /// <summary>The value is one of some texts; values of other types are compared in their invariant text.</summary>
    /// <param name="values">The texts, at least one.</param>
    public IExpectation In(params string[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length == 0) throw new ArgumentException("Give at least one value.", nameof(values));
        var allowed = values.ToHashSet(StringComparer.Ordinal);
        return New("in", $"is one of {string.Join(", ", allowed.Order(StringComparer.Ordinal).Select(value => $"'{value}'"))}", _ => (column, failed) =>
        {
            for (var row = 0; row < failed.Length; row++) failed[row] = column.GetText(row) is { } text && !allowed.Contains(text);
        });
    }

    /// <summary>No value appears twice; a value's first row passes. A 128-bit hash is kept of each value.</summary>
    public IExpectation Unique() => New("unique", "is unique", field =>
    {
        var hasher = new RowKeyHasher(new Schema(field), [], "unique", "", required: false);
        var seen = new HashSet<RowKey>();
        var keys = new RowKey[RecordBatch.MaxRows];
        return (column, failed) =>
        {
            hasher.Compute(new RecordBatch(new Schema(field), [column]), keys);
            for (var row = 0; row < failed.Length; row++) failed[row] = !column.IsNull(row) && !seen.Add(keys[row]);
        };
    });

    private ColumnExpectation New(string name, string description, Func<Field, ColumnExpectation.Test> begin) => new(_column, name, description, begin);
}
