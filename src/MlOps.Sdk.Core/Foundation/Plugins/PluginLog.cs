using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Plugins;

internal static partial class PluginLog
{
    [LoggerMessage(
        EventId = 4010,
        Level = LogLevel.Warning,
        Message = "{Plugin} could not be disposed of; what it was used for is done")]
    public static partial void NotDisposed(ILogger logger, string plugin, Exception exception);
}
