namespace MlOps.Sdk.Storage;

internal sealed class BlessingRow
{
    public string Model { get; init; } = "";

    public int Version { get; init; }

    public string ContentHash { get; init; } = "";

    public long IssuedAt { get; init; }

    public string Actor { get; init; } = "";

    public string Gates { get; init; } = "";
}
