namespace MlOps.Sdk.Storage;

internal sealed class AliasChangeRow
{
    public string Model { get; init; } = "";

    public string Alias { get; init; } = "";

    public int Version { get; init; }

    public int? Previous { get; init; }

    public long At { get; init; }

    public string Actor { get; init; } = "";

    public string Reason { get; init; } = "";
}
