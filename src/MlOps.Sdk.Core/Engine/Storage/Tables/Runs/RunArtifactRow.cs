namespace MlOps.Sdk.Storage;

internal sealed record RunArtifactRow
{
    public string Name { get; init; } = "";

    public string Artifact { get; init; } = "";

    public long Length { get; init; }

    public long At { get; init; }
}
