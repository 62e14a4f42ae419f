namespace MlOps.Sdk.Collection;

/// <summary>A column of a table in a warehouse, and how statements read it.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">The type that its values have here.</param>
/// <param name="Value">
/// The value as SQL, in the table: a floating-point number, a whole number (1 and 0 for flags, microseconds for times) or a text.
/// </param>
/// <param name="Raw">The column as SQL, in the table.</param>
internal sealed record TableColumn(string Name, ColumnType Type, string Value, string Raw);
