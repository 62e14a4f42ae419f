namespace MlOps.Sdk.Storage;

internal sealed class ModelVersionRow
{
    public string Model { get; init; } = "";

    public int Version { get; init; }

    public string Package { get; init; } = "";

    public string ContentHash { get; init; } = "";

    public string? RunId { get; init; }

    public long CreatedAt { get; init; }

    public string Metrics { get; init; } = "";

    public string? Description { get; init; }

    public string? IdempotencyKey { get; init; }
}
