namespace MlOps.Sdk.Storage;

internal sealed record RunDatasetRow
{
    public long Run { get; init; }

    public string Name { get; init; } = "";

    public string Role { get; init; } = "";

    public long Rows { get; init; }

    public string Hash { get; init; } = "";

    public string Columns { get; init; } = "";
}
