namespace MlOps.Sdk.Storage;

internal sealed class StageResultRow
{
    public string RunId { get; init; } = "";

    public string Outputs { get; init; } = "";

    public string Inputs { get; init; } = "";

    public long SavedAt { get; init; }
}
