using Microsoft.Extensions.Logging;

namespace MlOps.Sdk;

/// <summary>The log messages of backups, exports and imports; event ids 10106 to 10120.</summary>
internal static partial class BackupLog
{
    [LoggerMessage(10106, LogLevel.Information, "The workspace was backed up to {Path}: {Artifacts} artifacts, {Bytes} bytes.")]
    public static partial void BackedUp(ILogger logger, string path, int artifacts, long bytes);

    [LoggerMessage(
        10107,
        LogLevel.Warning,
        "The backup {Path} lacks {Count} artifacts that the workspace had lost before; the first: {Problem}")]
    public static partial void BackedUpWithLosses(ILogger logger, string path, int count, string problem);

    [LoggerMessage(
        10108,
        LogLevel.Warning,
        "The MLflow server at {Host} takes no artifacts, because its runs have them elsewhere: {Count} were left out.")]
    public static partial void MlflowArtifactsLeftOut(ILogger logger, string host, int count);

    [LoggerMessage(10120, LogLevel.Warning, "The run {Run} could not be sent to the MLflow server at {Host}: {Problem}")]
    public static partial void MlflowRefused(ILogger logger, string host, string run, string problem);
}
