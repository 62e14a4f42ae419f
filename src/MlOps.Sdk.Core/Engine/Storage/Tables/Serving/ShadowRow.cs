namespace MlOps.Sdk.Storage;

/// <summary>What a shadow answered beside what the caller got.</summary>
internal sealed class ShadowRow
{
    public string Id { get; init; } = "";

    public long At { get; init; }

    public string Arm { get; init; } = "";

    public int LiveVersion { get; init; }

    public int ShadowVersion { get; init; }

    public double LiveScore { get; init; }

    public double? ShadowScore { get; init; }

    public string? LiveLabel { get; init; }

    public string? ShadowLabel { get; init; }

    /// <summary>Ticks.</summary>
    public long Latency { get; init; }

    public string? Error { get; init; }
}
