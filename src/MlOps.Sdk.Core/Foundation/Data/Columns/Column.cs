namespace MlOps.Sdk.Data;

/// <summary>The values of one column over some rows, with a bit per row that says whether there is a value.</summary>
/// <remarks>Reading from several threads is safe as long as no builder that shares the memory is written to.</remarks>
public abstract class Column
{
    private protected Column(ColumnType type) => Type = type;

    /// <summary>The type of the values.</summary>
    public ColumnType Type { get; }

    /// <summary>The number of rows.</summary>
    public int Length { get; internal set; }

    /// <summary>How many rows have no value.</summary>
    public int NullCount { get; internal set; }

    /// <summary>Bit per row, 1 where there is a value; <see langword="null"/> when every row has one.</summary>
    internal ulong[]? Validity { get; set; }

    /// <summary>The number of elements of a row's value: 1, or the length of a vector.</summary>
    public virtual int ElementCount => 1;

    /// <summary>Whether the row has no value.</summary>
    /// <param name="row">The row, from 0.</param>
    public bool IsNull(int row) => Validity is { } bits && (bits[row >> 6] >> (row & 63) & 1) == 0;

    /// <summary>Whether the row has no value that could be compared: none at all, or NaN.</summary>
    /// <param name="row">The row, from 0.</param>
    internal bool IsMissing(int row) => IsNull(row) || this is NumberColumn numbers && double.IsNaN(numbers.Values[row]);

    /// <summary>
    /// The value as a number: booleans are 0 and 1, timestamps are seconds since 1970-01-01 UTC.
    /// NaN where there is no value, or where the type (text, vector) has no numeric form.
    /// </summary>
    /// <param name="row">The row, from 0.</param>
    public abstract double GetNumber(int row);

    /// <summary>
    /// The value as invariant text (numbers round-trip, timestamps are ISO 8601); <see langword="null"/> where there is no value.
    /// </summary>
    /// <param name="row">The row, from 0.</param>
    public abstract string? GetText(int row);

    /// <summary>Copies the given rows into a new column.</summary>
    /// <param name="rows">Row numbers, from 0, in any order, repetition allowed.</param>
    public Column Take(ReadOnlySpan<int> rows)
    {
        var builder = ColumnBuilder.Create(Type, ElementCount, rows.Length);
        foreach (var row in rows) builder.Append(this, row);
        return builder.Build();
    }

    /// <summary>The column as a field wants it: whole numbers become numbers where it is one of numbers.</summary>
    internal Column As(Field field)
    {
        if (!field.Takes(Type) || Type == field.Type) return this;
        var builder = ColumnBuilder.Create(field.Type, capacity: Length);
        for (var row = 0; row < Length; row++) builder.Append(this, row);
        return builder.Build();
    }

    /// <summary>Copies the given rows into a new column; a negative number means a row without a value.</summary>
    internal Column TakeOrNull(ReadOnlySpan<int> rows)
    {
        var builder = ColumnBuilder.Create(Type, ElementCount, rows.Length);
        foreach (var row in rows)
        {
            if (row < 0) builder.AppendNull();
            else builder.Append(this, row);
        }

        return builder.Build();
    }
}
