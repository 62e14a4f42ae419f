namespace MlOps.Sdk;

/// <summary>A file of a backup.</summary>
internal sealed record BackedUpFile(long Size, string Sha256);
