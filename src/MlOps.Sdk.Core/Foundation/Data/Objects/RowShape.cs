namespace MlOps.Sdk.Data;

/// <summary>
/// The columns that a class represents. Public readable properties become columns: floating-point numbers, decimals and
/// <see cref="ulong"/> are <see cref="ColumnType.Number"/>, other integers <see cref="ColumnType.Integer"/>, <see cref="bool"/>
/// <see cref="ColumnType.Boolean"/>, texts, enumerations, characters and <see cref="Guid"/> <see cref="ColumnType.Text"/>,
/// <see cref="DateTime"/>, <see cref="DateTimeOffset"/> and <see cref="DateOnly"/> <see cref="ColumnType.Timestamp"/>, <c>float[]</c> and
/// <c>double[]</c> <see cref="ColumnType.Vector"/>; nullable ones may be missing. A property that hides one of a base class stands in its
/// place. Members of a class, record or struct within the class are columns with a dotted name: <c>Customer.Address.City</c> is
/// <c>address.city</c>, up to eight levels; where the inner object is missing, so are they. Thread-safe.
/// </summary>
public static class RowShape
{
    /// <summary>The schema of a class.</summary>
    /// <typeparam name="T">A class, record, interface or struct with public properties.</typeparam>
    /// <exception cref="MlOpsException">A property has a type that no column can hold, or two represent the same column.</exception>
    public static Schema Of<T>() => new ObjectShape<T>().Schema;
}
