using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Storage;

/// <summary>What is said of leases.</summary>
internal static partial class LeaseLog
{
    [LoggerMessage(
        EventId = 8046, Level = LogLevel.Warning,
        Message = "The lease {Lease} could not be {Act} in the store; it ends by itself unless that succeeds")]
    public static partial void NotStored(ILogger logger, string lease, string act, Exception exception);

    [LoggerMessage(
        EventId = 8047, Level = LogLevel.Warning, Message = "The lease {Lease} is lost, and what is done under it is cancelled: {Cause}")]
    public static partial void Lost(ILogger logger, string lease, string cause);
}
