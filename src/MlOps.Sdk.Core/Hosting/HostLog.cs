using Microsoft.Extensions.Logging;

namespace MlOps.Sdk;

internal static partial class HostLog
{
    [LoggerMessage(1304, LogLevel.Error, "'{Feed}' could not be imported as '{Model}'; what is live stays. {Reason}")]
    public static partial void NotImported(ILogger logger, string feed, string model, string reason, Exception? exception);

    [LoggerMessage(
        EventId = 1301,
        Level = LogLevel.Warning,
        Message = "No version of {Model} was promoted yet: its endpoint answers with an error until one is{Hint}")]
    public static partial void NothingToServe(ILogger logger, string model, string hint);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Error, Message = "{Lifecycle} failed in the background: {Problem}{Next}")]
    public static partial void Failed(ILogger logger, string lifecycle, string problem, string next, Exception? exception);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Information, Message = "The retraining of {Lifecycle} waits: {Missing}")]
    public static partial void Waits(ILogger logger, string lifecycle, string missing);

    [LoggerMessage(1305, LogLevel.Error, "Whether '{Feed}' has another version of '{Model}' cannot be told: {Reason} It is tried again.")]
    public static partial void NotFollowed(ILogger logger, string feed, string model, string reason, Exception? exception);

    [LoggerMessage(
        1307,
        LogLevel.Error,
        "Version {Version} of {Model} is live, and every call of its endpoint {Types} will fail: {Reason}")]
    public static partial void CannotBeAsked(ILogger logger, string model, int version, string types, string reason, Exception? exception);

    [LoggerMessage(
        1306, LogLevel.Information, "'{Feed}' was imported before as version {Version} of '{Model}', under the same declaration")]
    public static partial void ImportedBefore(ILogger logger, string feed, string model, int version);
}
