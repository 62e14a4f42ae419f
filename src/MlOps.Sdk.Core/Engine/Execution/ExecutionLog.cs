using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Execution;

internal static partial class ExecutionLog
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "{Lifecycle}: stage {Stage} runs, because {Reason}")]
    public static partial void Running(ILogger logger, string lifecycle, LifecycleStage stage, string reason);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Information, Message = "{Lifecycle}: stage {Stage} is reused, because {Reason}")]
    public static partial void Reused(ILogger logger, string lifecycle, LifecycleStage stage, string reason);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Error, Message = "{Lifecycle}: run {RunId} failed")]
    public static partial void Failed(ILogger logger, string lifecycle, string runId, Exception exception);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Information, Message = "{Lifecycle}: run {RunId} ended as {State}")]
    public static partial void Ended(ILogger logger, string lifecycle, string runId, Tracking.RunState state);

    [LoggerMessage(
        EventId = 4006, Level = LogLevel.Warning,
        Message = "{Lifecycle}: the result of stage {Stage} is not reused, because its output '{Name}' is lost: {Loss}")]
    public static partial void Lost(ILogger logger, string lifecycle, LifecycleStage stage, string name, string loss);

    [LoggerMessage(
        EventId = 4007, Level = LogLevel.Warning,
        Message = "{Lifecycle}: version {Version} is live and cannot be served, because its package is lost: {Loss}")]
    public static partial void NotServed(ILogger logger, string lifecycle, int version, string loss);

    [LoggerMessage(
        EventId = 4008, Level = LogLevel.Warning,
        Message = "{Lifecycle}: run {RunId} is cancelled, and {Plugins} did not stop within {Grace}; it is left behind, and its results " +
            "are discarded")]
    public static partial void LeftBehind(ILogger logger, string lifecycle, string runId, string plugins, TimeSpan grace);

    [LoggerMessage(
        EventId = 4009, Level = LogLevel.Warning,
        Message = "{Lifecycle}: the progress of run {RunId} could not be reported; further failures to report it are not logged")]
    public static partial void ProgressFailed(ILogger logger, string lifecycle, string runId, Exception exception);

    [LoggerMessage(
        EventId = 4011, Level = LogLevel.Error,
        Message = "{Lifecycle}: run {RunId} has decided which version is live, but a later step failed")]
    public static partial void FailedAfterwards(ILogger logger, string lifecycle, string runId, Exception exception);

    [LoggerMessage(
        EventId = 4013, Level = LogLevel.Information,
        Message = "{Lifecycle}: the retraining tries all candidates, because none of them trained version {Version} (trainer: {Trainer})")]
    public static partial void SearchesAgain(ILogger logger, string lifecycle, int version, string trainer);

    [LoggerMessage(
        EventId = 2064, Level = LogLevel.Warning, Message = "{Lifecycle}: the progress of a waiting start could not be reported")]
    public static partial void WaitingNotReported(ILogger logger, string lifecycle, Exception exception);

    [LoggerMessage(EventId = 4005, Level = LogLevel.Error, Message = "{Lifecycle}: the end of run {RunId} could not be recorded")]
    public static partial void NotRecorded(ILogger logger, string lifecycle, string runId, Exception exception);
}
