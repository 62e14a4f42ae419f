using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Deployment;

internal static partial class DeploymentLog
{
    [LoggerMessage(EventId = 8001, Level = LogLevel.Information, Message = "{Model} version {Version} is {Outcome}: {Reason}")]
    public static partial void Decided(ILogger logger, string model, int version, string outcome, string reason);

    [LoggerMessage(
        EventId = 8003, Level = LogLevel.Information,
        Message = "{Model} is judged again, because another version went live: {Problem}")]
    public static partial void JudgedAgain(ILogger logger, string model, string problem);

    [LoggerMessage(
        EventId = 8004, Level = LogLevel.Information,
        Message = "{Rows} rows of '{Source}' were scored by {Model} version {Version} and written to '{Sink}'")]
    public static partial void Scored(ILogger logger, long rows, string source, string model, int version, string sink);

    [LoggerMessage(EventId = 8005, Level = LogLevel.Warning, Message = "The progress of a scoring by {Model} could not be reported; the " +
        "scoring continues")]
    public static partial void ProgressFailed(ILogger logger, string model, Exception exception);

    [LoggerMessage(
        EventId = 8048, Level = LogLevel.Information,
        Message = "The target {Target} is not brought to version {Version} of {Model} any more: version {Newer} is live. {Outcome}")]
    public static partial void TargetSuperseded(
        ILogger logger, string target, string model, int version, int newer, string outcome);

    [LoggerMessage(
        EventId = 8049, Level = LogLevel.Warning,
        Message = "While a target is brought to version {Version} of {Model}, which version is live cannot be read; it is tried again")]
    public static partial void LiveNotRead(ILogger logger, string model, int version, Exception exception);

    [LoggerMessage(
        EventId = 8053, Level = LogLevel.Warning,
        Message = "The target {Target} does not end although it was cancelled; it is left behind. Model: {Model}")]
    public static partial void TargetLeftBehind(ILogger logger, string target, string model);

    [LoggerMessage(
        EventId = 8068, Level = LogLevel.Information,
        Message = "A call of the target {Target} that was left behind has ended: {Outcome}. Model: {Model}")]
    public static partial void TargetReturned(ILogger logger, string target, string model, string outcome);

    [LoggerMessage(EventId = 8020, Level = LogLevel.Warning, Message = "{Model} is stopped in this process, by {Actor}: {Reason}")]
    public static partial void Stopped(ILogger logger, string model, string actor, string reason);

    [LoggerMessage(
        EventId = 8021, Level = LogLevel.Information, Message = "{Model} answers again in this process, resumed by {Actor}: {Reason}")]
    public static partial void Resumed(ILogger logger, string model, string actor, string reason);

    [LoggerMessage(
        EventId = 8022, Level = LogLevel.Warning,
        Message = "Version {Version} of {Model} fails too often, and is not called for {Duration}: its fallback answers. {Cause}")]
    public static partial void CircuitOpened(ILogger logger, string model, int version, TimeSpan duration, string cause);

    [LoggerMessage(EventId = 8023, Level = LogLevel.Information, Message = "Version {Version} of {Model} is called again")]
    public static partial void CircuitClosed(ILogger logger, string model, int version);

    [LoggerMessage(
        EventId = 8024, Level = LogLevel.Warning, Message = "Version {Version} of {Model} failed, and its fallback answers such calls")]
    public static partial void AnsweredInstead(ILogger logger, string model, int version, Exception exception);

    [LoggerMessage(
        EventId = 8025, Level = LogLevel.Error, Message = "The fallback of {Model} cannot be taken up; the one before stays. {Problem}")]
    public static partial void FallbackNotTakenUp(ILogger logger, string model, string problem);

    [LoggerMessage(
        EventId = 8026, Level = LogLevel.Warning,
        Message = "The shadow of {Model}, version {Version}, failed; its answers are recorded with what was wrong")]
    public static partial void ShadowFailed(ILogger logger, string model, int version, Exception exception);

    [LoggerMessage(
        EventId = 8027, Level = LogLevel.Error, Message = "Answers of shadows of {Model} could not be stored yet; it is tried again")]
    public static partial void ShadowsNotStored(ILogger logger, string model, Exception exception);

    [LoggerMessage(
        EventId = 8028, Level = LogLevel.Warning,
        Message = "The shadow of {Model}, version {Version}, does not return from a row; it is left behind")]
    public static partial void ShadowLeftBehind(ILogger logger, string model, int version);

    [LoggerMessage(
        EventId = 8069, Level = LogLevel.Information,
        Message = "{Model} version {Version} was received from the workspace of key {Key}, and is live")]
    public static partial void Received(ILogger logger, string model, int version, string key);

    [LoggerMessage(
        EventId = 9060, Level = LogLevel.Information,
        Message = "Approval {Approval} of {Model} version {Version} awaits {Roles}")]
    public static partial void ApprovalAwaited(ILogger logger, long approval, string model, int version, string roles);

    [LoggerMessage(EventId = 8002, Level = LogLevel.Warning, Message = "The rows that {Model} was judged on are not sealed. {Reason}")]
    public static partial void NotSealed(ILogger logger, string model, string reason);

    [LoggerMessage(
        EventId = 8040, Level = LogLevel.Warning,
        Message = "The counts of calls could not be stored; they are kept, and stored with the next ones")]
    public static partial void CallsNotStored(ILogger logger, Exception failure);

    [LoggerMessage(
        2054, LogLevel.Information,
        "{Lifecycle}: the {Count} scores of the holdout are not kept, because they are more than {Most}: runs cannot be compared by them.")]
    public static partial void ScoresNotKept(ILogger logger, string lifecycle, int count, int most);
}
