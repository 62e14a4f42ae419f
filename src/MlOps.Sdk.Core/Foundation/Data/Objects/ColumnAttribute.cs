namespace MlOps.Sdk.Data;

/// <summary>
/// Says which column a property stands for. Without it the column is the property's name in snake case:
/// <c>MonthlyCharges</c> is <c>monthly_charges</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ColumnAttribute : Attribute
{
    /// <summary>Keeps the default name; for setting the other properties.</summary>
    public ColumnAttribute()
    {
    }

    /// <summary>Names the column.</summary>
    /// <param name="name">The column's name, as it is in the data.</param>
    public ColumnAttribute(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    /// <summary>The column's name; <see langword="null"/> for the property's name in snake case.</summary>
    public string? Name { get; }

    /// <summary>The length of every vector of a <c>float[]</c> property, which must have one. Default: 0, none.</summary>
    public int Length { get; set; }

    /// <summary>Whether the property is no column at all. Default: <see langword="false"/>.</summary>
    public bool Ignore { get; set; }
}
