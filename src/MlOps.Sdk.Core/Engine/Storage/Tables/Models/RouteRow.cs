namespace MlOps.Sdk.Storage;

internal sealed class RouteRow
{
    public string Model { get; init; } = "";

    public string Alias { get; init; } = "";

    public int Version { get; init; }

    public string Package { get; init; } = "";

    public string ContentHash { get; init; } = "";

    public long Generation { get; init; }

    public long At { get; init; }
}
