using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Plugins;

internal static partial class PluginLog
{
    [LoggerMessage(
        EventId = 4010,
        Level = LogLevel.Warning,
        Message = "{Plugin} could not be disposed of; its work is complete")]
    public static partial void NotDisposed(ILogger logger, string plugin, Exception exception);

    [LoggerMessage(
        EventId = 4012,
        Level = LogLevel.Warning,
        Message = "A plug-in threw when it was told that its work is cancelled; the cancellation continues")]
    public static partial void CancellationFailed(ILogger logger, Exception exception);
}
