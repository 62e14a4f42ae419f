using Microsoft.Extensions.Logging;

namespace MlOps.Sdk;

internal static partial class ApprovalLog
{
    [LoggerMessage(
        EventId = 9061, Level = LogLevel.Information,
        Message = "Approval {Approval} of {Model} version {Version} is {State}, after {Actor} decided: {Reason}")]
    public static partial void Decided(
        ILogger logger, long approval, string model, int version, string state, string actor, string reason);

    [LoggerMessage(
        EventId = 9062, Level = LogLevel.Warning,
        Message = "Approval {Approval} of {Model} version {Version} expired; the run that awaited it has failed")]
    public static partial void Expired(ILogger logger, long approval, string model, int version);

    [LoggerMessage(EventId = 9063, Level = LogLevel.Information, Message = "The run {Run} of {Model} goes on, because it was approved")]
    public static partial void GoesOn(ILogger logger, string run, string model);

    [LoggerMessage(
        EventId = 9064, Level = LogLevel.Error,
        Message = "Approval {Approval} of {Model} was given, and could not be carried out; it is tried again. {Problem}")]
    public static partial void NotCarriedOut(ILogger logger, long approval, string model, string problem);

    [LoggerMessage(EventId = 9065, Level = LogLevel.Error, Message = "People could not be told of approvals of {Model}; it is tried again")]
    public static partial void NotTold(ILogger logger, string model, Exception exception);

    [LoggerMessage(
        EventId = 9066, Level = LogLevel.Information,
        Message = "People are told that approval {Approval} of {Model} version {Version} waits")]
    public static partial void Told(ILogger logger, long approval, string model, int version);
}
