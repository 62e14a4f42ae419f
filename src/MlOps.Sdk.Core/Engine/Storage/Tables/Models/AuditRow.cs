namespace MlOps.Sdk.Storage;

internal sealed record AuditRow
{
    public long Sequence { get; init; }

    public long At { get; init; }

    public string Actor { get; init; } = "";

    public string Action { get; init; } = "";

    public string Subject { get; init; } = "";

    public string Details { get; init; } = "";

    public string Hash { get; init; } = "";
}
