using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Storage;

/// <summary>The log messages of the store; event ids 1000 to 1099, 4014 to 4016, and 10105.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(1001, LogLevel.Warning, "Waiting for the write lock of {Path} for {Seconds:0.0} s: another process holds it.")]
    public static partial void LongWait(ILogger logger, string path, double seconds);

    [LoggerMessage(1002, LogLevel.Information, "Updated the schema of {Path} from {From} to {To}.")]
    public static partial void Migrated(ILogger logger, string path, int from, int to);

    [LoggerMessage(1003, LogLevel.Information, "Removed {Count} unfinished artifact files of ended processes.")]
    public static partial void RemovedLeftovers(ILogger logger, int count);

    [LoggerMessage(1004, LogLevel.Information, "Garbage collection removed {Count} artifacts, {Bytes} bytes.")]
    public static partial void CollectedGarbage(ILogger logger, int count, long bytes);

    [LoggerMessage(
        10105, LogLevel.Information, "Nothing was collected: a backup of the workspace is in progress. The next collection removes it.")]
    public static partial void GarbageIsHeld(ILogger logger);

    [LoggerMessage(
        4014,
        LogLevel.Information,
        "Waiting for the deletion of the artifact {Artifact}, which is put again: a garbage collection deletes it. If its process was " +
            "killed, that ends within {Seconds} s.")]
    public static partial void WaitingForDeletion(ILogger logger, ArtifactId artifact, double seconds);

    [LoggerMessage(4015, LogLevel.Information, "The artifact {Artifact} was deleted, and is put again now, after {Seconds:0.0} s.")]
    public static partial void DeletionOver(ILogger logger, ArtifactId artifact, double seconds);

    [LoggerMessage(
        4016,
        LogLevel.Information,
        "Whoever deleted the artifact {Artifact} does not do so any more, because its process was killed. It is put again now, after " +
            "{Seconds:0.0} s.")]
    public static partial void ForgotDeletion(ILogger logger, ArtifactId artifact, double seconds);
}
