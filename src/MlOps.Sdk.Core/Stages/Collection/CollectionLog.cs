using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Collection;

internal static partial class CollectionLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "{Note}")]
    public static partial void Noted(ILogger logger, string note);
}
