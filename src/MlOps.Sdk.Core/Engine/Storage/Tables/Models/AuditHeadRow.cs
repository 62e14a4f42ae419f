namespace MlOps.Sdk.Storage;

internal sealed class AuditHeadRow
{
    public long Sequence { get; init; }

    public string Hash { get; init; } = "";
}
