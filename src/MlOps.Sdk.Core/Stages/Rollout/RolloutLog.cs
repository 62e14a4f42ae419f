using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Rollout;

internal static partial class RolloutLog
{
    [LoggerMessage(
        EventId = 8041, Level = LogLevel.Information,
        Message = "{Model} version {Version} answers a share of {Share} of the calls: {Reason}")]
    public static partial void Advanced(ILogger logger, string model, int version, double share, string reason);

    [LoggerMessage(EventId = 8042, Level = LogLevel.Warning, Message = "{Model} version {Version} is rolled back: {Reason}")]
    public static partial void RolledBack(ILogger logger, string model, int version, string reason);

    [LoggerMessage(
        EventId = 8043, Level = LogLevel.Information, Message = "The rollout of {Model} version {Version} ended as {State}: {Reason}")]
    public static partial void Ended(ILogger logger, string model, int version, RolloutState state, string reason);

    [LoggerMessage(
        EventId = 8054, Level = LogLevel.Warning,
        Message = "The {Plugin} does not return from a check of {Model}; it is left behind, and not called again until it has returned")]
    public static partial void LeftBehind(ILogger logger, string plugin, string model);

    [LoggerMessage(EventId = 8044, Level = LogLevel.Debug, Message = "The rollout of {Model} version {Version} still waits: {Reason}")]
    public static partial void StillWaits(ILogger logger, string model, int version, string reason);

    [LoggerMessage(EventId = 8045, Level = LogLevel.Information, Message = "The rollout of {Model} version {Version} waits: {Reason}")]
    public static partial void Waits(ILogger logger, string model, int version, string reason);
}
