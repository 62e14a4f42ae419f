namespace MlOps.Sdk.Data;

/// <summary>The name and type of a column.</summary>
/// <param name="Name">The name, unique in its schema and compared by ordinal.</param>
/// <param name="Type">The type of the values.</param>
/// <param name="Length">The number of elements of a <see cref="ColumnType.Vector"/>; 1 for every other type.</param>
public sealed record Field(string Name, ColumnType Type, int Length = 1);
