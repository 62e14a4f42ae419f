using Microsoft.Extensions.Logging;

namespace MlOps.Sdk;

internal static partial class HostLog
{
    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "No version of {Model} was promoted yet: its endpoint answers with an error until one is")]
    public static partial void NothingToServe(ILogger logger, string model);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Error, Message = "{Lifecycle} failed in the background; it is tried again at the next interval")]
    public static partial void Failed(ILogger logger, string lifecycle, Exception exception);
}
