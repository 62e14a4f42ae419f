namespace MlOps.Sdk.Data;

/// <summary>
/// Says which column a property represents. Without it, an endpoint takes the property for the column of exactly its name, else for the one
/// that is its name in snake or camel case, else for the one that differs by case only: <c>MonthlyCharges</c> is found for
/// <c>MonthlyCharges</c>, <c>monthly_charges</c>, <c>monthlyCharges</c> and <c>MONTHLY_CHARGES</c>. Objects as a data source
/// give columns in snake case.
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

    /// <summary>The column's name; <see langword="null"/> for the property's own name.</summary>
    public string? Name { get; }

    /// <summary>The length of every vector of a <c>float[]</c> property, which must have one. Default: 0, none.</summary>
    public int Length { get; set; }

    /// <summary>Whether the property is not a column at all. Default: <see langword="false"/>.</summary>
    public bool Ignore { get; set; }
}
