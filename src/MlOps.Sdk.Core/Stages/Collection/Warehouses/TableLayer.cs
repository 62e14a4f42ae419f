namespace MlOps.Sdk.Collection;

/// <summary>Names that a statement gives to expressions over the table, or over the names of the layers before.</summary>
/// <param name="Values">The expressions with their names.</param>
/// <param name="Where">Which rows remain, as a condition on the names; <see langword="null"/> for all.</param>
internal sealed record TableLayer(IReadOnlyList<(string Value, string Name)> Values, string? Where = null)
{
    public TableLayer(string value, string name, string? where = null)
        : this([(value, name)], where)
    {
    }
}
