namespace MlOps.Sdk;

/// <summary>An entry of an archive.</summary>
internal sealed record ArchiveEntry(string Name, long Length, string Sha256);
