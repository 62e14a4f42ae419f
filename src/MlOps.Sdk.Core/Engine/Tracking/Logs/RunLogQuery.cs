using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Tracking;

/// <summary>Which messages of the log of a run are read.</summary>
public sealed record RunLogQuery
{
    /// <summary>The largest <see cref="Limit"/>.</summary>
    public const int LargestLimit = 10_000;

    /// <summary>Only messages of at least this level. Default: <see cref="LogLevel.Trace"/>, all that are kept.</summary>
    public LogLevel MinimumLevel { get; init; } = LogLevel.Trace;

    /// <summary>Only messages of this stage; <see langword="null"/> for all. Default: <see langword="null"/>.</summary>
    public LifecycleStage? Stage { get; init; }

    /// <summary>Only messages behind this number, such as <see cref="RunLogPage.Next"/> of the page before. Default: 0.</summary>
    public long After { get; init; }

    /// <summary>At most so many, 1 to 10,000. Default: 500.</summary>
    public int Limit { get; init; } = 500;
}
