namespace MlOps.Sdk.Data;

/// <summary>What decides for which columns a member of a class can stand, without the class itself. Immutable.</summary>
/// <param name="Member">The member, as C# calls it.</param>
/// <param name="Own">Its column by its own name.</param>
/// <param name="Snake">Its column in snake case.</param>
/// <param name="Camel">Its column in camel case.</param>
/// <param name="IsNamed">Whether a <see cref="ColumnAttribute"/> names it, so that no other name will do.</param>
/// <param name="Type">What the type of its values is called.</param>
/// <param name="Fits">The types of the columns that its values fit.</param>
internal sealed record MemberColumn(
    string Member, string Own, string Snake, string Camel, bool IsNamed, string Type, IReadOnlyList<ColumnType> Fits)
{
    public override string ToString() => Member;
}
