using MlOps.Sdk.Data;

namespace MlOps.Sdk.Monitoring;

/// <summary>A column that is not the same in two tables.</summary>
/// <param name="Column">The column.</param>
/// <param name="Before">What it is in the reference; <see langword="null"/> where it is not there.</param>
/// <param name="After">What it is in the current table; <see langword="null"/> where it is not there.</param>
public sealed record SchemaChange(string Column, Field? Before, Field? After)
{
    /// <summary>The change in a line.</summary>
    public override string ToString() => $"{Column}: {Of(Before)} before, {Of(After)} now";

    private static string Of(Field? field) =>
        field is null ? "absent" : field.Type == ColumnType.Vector ? $"Vector of {field.Length}" : field.Type.ToString();
}
