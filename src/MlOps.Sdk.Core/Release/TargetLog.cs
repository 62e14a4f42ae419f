using Microsoft.Extensions.Logging;

namespace MlOps.Sdk;

internal static partial class TargetLog
{
    [LoggerMessage(
        EventId = 8050, Level = LogLevel.Warning,
        Message = "The target {Target} serves {Observed} of {Model}, and version {Version} is live")]
    public static partial void Differs(ILogger logger, string target, string model, string observed, int version);

    [LoggerMessage(
        EventId = 8051, Level = LogLevel.Information,
        Message = "The target {Target} was brought to version {Version} of {Model}")]
    public static partial void Repaired(ILogger logger, string target, string model, int version);

    [LoggerMessage(
        EventId = 8052, Level = LogLevel.Error,
        Message = "The target {Target} cannot be brought to the live version of {Model}. {Problem} It is tried again at the next interval")]
    public static partial void NotRepaired(ILogger logger, string target, string model, string problem, Exception? failure);
}
