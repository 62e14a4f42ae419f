namespace MlOps.Sdk.Storage;

internal sealed class TrafficRow
{
    /// <summary>A list of none, which the version before writes without knowing.</summary>
    public const string NoShadows = "[]";

    public long No { get; init; }

    public string Model { get; init; } = "";

    public string Arms { get; init; } = "";

    public string Shadows { get; init; } = NoShadows;

    public long At { get; init; }

    public string Actor { get; init; } = "";

    public string Reason { get; init; } = "";
}
