using MlOps.Sdk.Data;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// A column of two tables, of one type where that is possible: whole numbers beside fractions are numbers, and a column without any value
/// has the type of the other.
/// </summary>
internal sealed record ColumnPair(string Name, Column Reference, Column Current)
{
    public bool IsComparable => Reference.Type == Current.Type;

    public static ColumnPair Of(string name, Column reference, Column current)
    {
        var type = CommonType(reference.Type, current.Type);
        if (As(reference, type) is { } one && As(current, type) is { } other) return new ColumnPair(name, one, other);
        return As(reference, current.Type) is { } empty
            ? new ColumnPair(name, empty, current)
            : new ColumnPair(name, reference, current);
    }

    /// <summary>The type in which two columns with values are compared: that of the first, except for numbers.</summary>
    public static ColumnType CommonType(ColumnType reference, ColumnType current) =>
        reference != current && IsNumber(reference) && IsNumber(current) ? ColumnType.Number : reference;

    /// <summary>A column as one of another type; <see langword="null"/> where it has values of a type that is no such one.</summary>
    public static Column? As(Column column, ColumnType type)
    {
        if (column.Type == type) return column;
        if (type == ColumnType.Number && IsNumber(column.Type)) return Numbers(column);
        return type != ColumnType.Vector && Enumerable.Range(0, column.Length).All(column.IsNull) ? Empty(type, column.Length) : null;
    }

    public static bool IsNumber(ColumnType type) => type is ColumnType.Number or ColumnType.Integer;

    public static Column Empty(ColumnType type, int rows)
    {
        var builder = ColumnBuilder.Create(type, 0);
        for (var row = 0; row < rows; row++) builder.AppendNull();
        return builder.Build();
    }

    private static NumberColumn Numbers(Column column)
    {
        var builder = new NumberColumnBuilder(column.Length);
        for (var row = 0; row < column.Length; row++) builder.Append(column.GetNumber(row));
        return (NumberColumn)builder.Build();
    }
}
