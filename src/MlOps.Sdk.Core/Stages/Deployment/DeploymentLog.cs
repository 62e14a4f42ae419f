using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Deployment;

internal static partial class DeploymentLog
{
    [LoggerMessage(EventId = 8001, Level = LogLevel.Information, Message = "{Model} version {Version} is {Outcome}: {Reason}")]
    public static partial void Decided(ILogger logger, string model, int version, string outcome, string reason);
}
