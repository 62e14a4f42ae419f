namespace MlOps.Sdk;

/// <summary>The part of a manifest that every version of the library can read.</summary>
internal sealed record ArchiveFormat(int Format);
