using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>An artifact of a backup, whose name is its hash.</summary>
internal sealed record BackedUpArtifact(ArtifactId Id, long Size);
