namespace MlOps.Sdk.Storage;

internal sealed class MetricRow
{
    public string Name { get; init; } = "";

    public long Step { get; init; }

    public double? Value { get; init; }

    public long At { get; init; }
}
