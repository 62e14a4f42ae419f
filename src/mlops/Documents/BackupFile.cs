namespace MlOps.Sdk.Tool;

/// <summary>A copy of the database.</summary>
/// <param name="Path">The file.</param>
/// <param name="Size">Its size in bytes.</param>
internal sealed record BackupFile(string Path, long Size);
