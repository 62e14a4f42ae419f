namespace MlOps.Sdk.Data;

/// <summary>The name and type of a column.</summary>
/// <param name="Name">The name, unique in its schema and compared by ordinal.</param>
/// <param name="Type">The type of the values.</param>
/// <param name="Length">The number of elements of a <see cref="ColumnType.Vector"/>; 1 for every other type.</param>
public sealed record Field(string Name, ColumnType Type, int Length = 1)
{
    /// <summary>Whether a column of a type has the values that this one wants: whole numbers are numbers.</summary>
    internal bool Takes(ColumnType type) => type == Type || Type == ColumnType.Number && type == ColumnType.Integer;

    /// <summary>Whether a column can be read as this one.</summary>
    internal bool Takes(Field field) => Takes(field.Type) && field.Length == Length;
}
