using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Audit;

/// <summary>The log messages of the audit log; event id 9052.</summary>
internal static partial class VerificationLog
{
    [LoggerMessage(9052, LogLevel.Error, "The audit log of {Path} is not as it was written: {Kind}. {Problem}")]
    public static partial void NotIntact(ILogger logger, string path, AuditProblemKind? kind, string problem);
}
