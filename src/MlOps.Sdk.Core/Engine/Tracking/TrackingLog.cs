using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Tracking;

/// <summary>The log messages of tracking; event ids 1200 to 1299 and 2060 to 2069.</summary>
internal static partial class TrackingLog
{
    [LoggerMessage(1201, LogLevel.Warning, "The heartbeat of run {Run} could not be written; the next one tries again.")]
    public static partial void HeartbeatFailed(ILogger logger, Exception e, string run);

    [LoggerMessage(1202, LogLevel.Warning, "Metrics of run {Run} could not be written; they are kept in memory and written again later.")]
    public static partial void FlushFailed(ILogger logger, Exception e, string run);

    [LoggerMessage(1203, LogLevel.Error, "Run {Run} was taken over by another process.")]
    public static partial void OwnershipLost(ILogger logger, string run);

    [LoggerMessage(1204, LogLevel.Error, "The end of run {Run} could not be written; it will be shown as interrupted.")]
    public static partial void EndFailed(ILogger logger, Exception e, string run);

    [LoggerMessage(2060, LogLevel.Warning, "The log of run {Run} could not be written; it is kept in memory and written again later.")]
    public static partial void LogNotWritten(ILogger logger, Exception e, string run);

    [LoggerMessage(2061, LogLevel.Information, "{Lifecycle}: the start waits for {AtWork}")]
    public static partial void StartWaits(ILogger logger, string lifecycle, string atWork);

    [LoggerMessage(2062, LogLevel.Information, "{Lifecycle}: the start has waited for {Waited}")]
    public static partial void StartWaited(ILogger logger, string lifecycle, TimeSpan waited);

    [LoggerMessage(2063, LogLevel.Warning, "{Lifecycle}: the place of a waiting start could not be given up; it ends by itself.")]
    public static partial void PlaceNotReturned(ILogger logger, string lifecycle, Exception e);
}
