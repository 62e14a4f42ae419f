using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Deployment;

internal static partial class KubernetesLog
{
    [LoggerMessage(
        EventId = 9045, Level = LogLevel.Information,
        Message = "{Deployment} rolls out version {Version} on Kubernetes with the image {Image}")]
    public static partial void RollingOut(ILogger logger, string deployment, int version, string image);

    [LoggerMessage(
        EventId = 9046, Level = LogLevel.Information,
        Message = "Version {Version} of {Endpoint} answers {Percent} % of the calls on Kubernetes")]
    public static partial void Stepped(ILogger logger, string endpoint, int version, int percent);

    [LoggerMessage(
        EventId = 9051, Level = LogLevel.Error,
        Message = "The InferenceService {Service} with version {Version} failed on Kubernetes, and the calls go back to what was served " +
            "before")]
    public static partial void GivingBack(ILogger logger, string service, int version, Exception exception);

    [LoggerMessage(EventId = 9047, Level = LogLevel.Information, Message = "{Endpoint} serves version {Version} on Kubernetes")]
    public static partial void Served(ILogger logger, string endpoint, int version);

    [LoggerMessage(
        EventId = 9048, Level = LogLevel.Error,
        Message = "{Deployment} with version {Version} failed on Kubernetes and is removed; what was served before goes on")]
    public static partial void TakingOff(ILogger logger, string deployment, int version, Exception exception);

    [LoggerMessage(
        EventId = 9049, Level = LogLevel.Warning,
        Message = "What {Endpoint} does not need any more on Kubernetes could not be removed; it is tried again after the next deployment")]
    public static partial void NotCleaned(ILogger logger, string endpoint, Exception exception);
}
