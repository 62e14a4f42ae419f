using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Processing;

internal static partial class ProcessingLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "{Note}")]
    public static partial void Noted(ILogger logger, string note);
}
