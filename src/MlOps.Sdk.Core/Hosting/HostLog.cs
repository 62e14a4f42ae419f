using Microsoft.Extensions.Logging;

namespace MlOps.Sdk;

internal static partial class HostLog
{
    [LoggerMessage(1304, LogLevel.Error, "'{Feed}' could not be imported as '{Model}'; the live version stays. {Reason}")]
    public static partial void NotImported(ILogger logger, string feed, string model, string reason, Exception? exception);

    [LoggerMessage(
        EventId = 1301,
        Level = LogLevel.Warning,
        Message = "No version of {Model} is promoted yet: its endpoint throws until one is{Hint}")]
    public static partial void NothingToServe(ILogger logger, string model, string hint);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Error, Message = "{Lifecycle} failed in the background: {Problem}{Next}")]
    public static partial void Failed(ILogger logger, string lifecycle, string problem, string next, Exception? exception);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Information, Message = "The retraining of {Lifecycle} waits: {Missing}")]
    public static partial void Waits(ILogger logger, string lifecycle, string missing);

    [LoggerMessage(1316, LogLevel.Information, "{Problem}{Next}")]
    public static partial void NotStarted(ILogger logger, string problem, string next);

    [LoggerMessage(1305, LogLevel.Error, "'{Feed}' cannot be checked for another version of '{Model}': {Reason} The host tries again.")]
    public static partial void NotFollowed(ILogger logger, string feed, string model, string reason, Exception? exception);

    [LoggerMessage(
        EventId = 1307,
        Level = LogLevel.Error,
        Message = "Version {Version} of {Model} is promoted but not served, because the application cannot call it; " +
            "{Live}. {Why}")]
    public static partial void CannotBeCalled(ILogger logger, string model, int version, string live, string why);

    [LoggerMessage(EventId = 1308, Level = LogLevel.Information, Message = "Version {Version} of {Model} is live in this process")]
    public static partial void TakenUp(ILogger logger, string model, int version);

    [LoggerMessage(
        EventId = 1309,
        Level = LogLevel.Error,
        Message = "The promotions of {Model} cannot be followed, and the live version stays: {Problem} " +
            "It is tried again at the next interval.")]
    public static partial void NotTakenUp(ILogger logger, string model, string problem, Exception? exception);

    [LoggerMessage(
        EventId = 1310,
        Level = LogLevel.Warning,
        Message = "The host stops while these are still running: {Work}. Runs that do not end are Interrupted, and can be resumed")]
    public static partial void LeftAtWork(ILogger logger, string work);

    [LoggerMessage(
        EventId = 1311,
        Level = LogLevel.Warning,
        Message = "The host could not remove its record from the workspace when it stopped; the record expires")]
    public static partial void NotRetracted(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1312, Level = LogLevel.Critical, Message = "A part of the host ended unexpectedly, and no longer works")]
    public static partial void Ended(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 8070,
        Level = LogLevel.Error,
        Message = "The release of {Model} in {Folder} is not taken up, and {Live}: {Problem} It is tried again.")]
    public static partial void ReleaseNotTakenUp(
        ILogger logger, string model, string folder, string live, string problem, Exception? exception);

    [LoggerMessage(EventId = 1313, Level = LogLevel.Information, Message = "The workspace {Path} is open")]
    public static partial void Opened(ILogger logger, string path);

    [LoggerMessage(
        EventId = 1314,
        Level = LogLevel.Warning,
        Message = "The webhook '{Webhook}' could not be told of an event, and is told again in {Pause}: {Problem}")]
    public static partial void NotTold(ILogger logger, string webhook, string problem, TimeSpan pause);

    [LoggerMessage(
        EventId = 1315,
        Level = LogLevel.Error,
        Message = "The webhook '{Webhook}' rejects event {Position}, which is left out: {Problem}")]
    public static partial void EventRejected(ILogger logger, string webhook, long position, string problem);

    [LoggerMessage(
        1306, LogLevel.Information, "'{Feed}' was imported before as version {Version} of '{Model}', under the same declaration")]
    public static partial void ImportedBefore(ILogger logger, string feed, string model, int version);
}
