using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Tracking;

/// <summary>The log messages of the trials of searches; event ids 2050 to 2059.</summary>
internal static partial class TrialLog
{
    [LoggerMessage(2050, LogLevel.Information, "{Lifecycle}: the search of run {Run} resumes with {Count} finished trials of {Runs}")]
    public static partial void Resumed(ILogger logger, string lifecycle, string run, int count, string runs);

    [LoggerMessage(
        2051, LogLevel.Warning,
        "{Lifecycle}: what is kept of trial {Trial} of run {Run} is damaged or missing, so it is trained again: {Reason}")]
    public static partial void Damaged(ILogger logger, string lifecycle, string trial, string run, string reason);

    [LoggerMessage(2052, LogLevel.Warning, "Trials of run {Run} could not be written; they are kept in memory and written again later.")]
    public static partial void WriteFailed(ILogger logger, Exception e, string run);

    [LoggerMessage(2053, LogLevel.Error, "Trials of run {Run} could not be written before its end; their records are lost.")]
    public static partial void Lost(ILogger logger, Exception e, string run);
}
