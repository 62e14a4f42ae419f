namespace MlOps.Sdk.Storage;

internal sealed record HoldoutRow
{
    public long No { get; init; }

    public string Lifecycle { get; init; } = "";

    public string RunId { get; init; } = "";

    public string Purpose { get; init; } = "";

    public string RowsHash { get; init; } = "";

    public long RowCount { get; init; }

    public long At { get; init; }
}
