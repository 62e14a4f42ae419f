using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Plugins;

internal static partial class PluginLog
{
    [LoggerMessage(
        EventId = 4010,
        Level = LogLevel.Warning,
        Message = "{Plugin} could not be disposed of; its work is complete")]
    public static partial void NotDisposed(ILogger logger, string plugin, Exception exception);
}
