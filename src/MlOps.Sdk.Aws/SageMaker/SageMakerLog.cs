using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Deployment;

internal static partial class SageMakerLog
{
    [LoggerMessage(
        EventId = 9040, Level = LogLevel.Information,
        Message = "The SageMaker endpoint {Endpoint} is brought to version {Version}, configuration {Configuration}")]
    public static partial void Changing(ILogger logger, string endpoint, int version, string configuration);

    [LoggerMessage(
        EventId = 9041, Level = LogLevel.Information,
        Message = "The SageMaker endpoint {Endpoint} serves version {Version}, and answers the golden rows as this process does")]
    public static partial void Verified(ILogger logger, string endpoint, int version);

    [LoggerMessage(
        EventId = 9042, Level = LogLevel.Warning,
        Message = "What the SageMaker endpoint {Endpoint} does not need any more could not be removed; it is tried again after the next " +
            "deployment")]
    public static partial void NotCleaned(ILogger logger, string endpoint, Exception exception);

    [LoggerMessage(
        EventId = 9043, Level = LogLevel.Error,
        Message = "Version {Version} does not answer as it should at the SageMaker endpoint {Endpoint}; the endpoint goes back to " +
            "{Configuration}")]
    public static partial void TakingOff(ILogger logger, string endpoint, int version, string configuration);

    [LoggerMessage(
        EventId = 9050, Level = LogLevel.Error,
        Message = "The SageMaker endpoint {Endpoint} was verified with version {Version}, and does not answer the golden rows as this " +
            "process does any more: {Difference}")]
    public static partial void Differs(ILogger logger, string endpoint, int version, string difference);

    [LoggerMessage(
        EventId = 9044, Level = LogLevel.Warning,
        Message = "The SageMaker endpoint {Endpoint} has failed and serves nothing; it is deleted and created again")]
    public static partial void DeletingFailed(ILogger logger, string endpoint);
}
