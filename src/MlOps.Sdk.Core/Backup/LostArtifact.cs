using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>An artifact that the database refers to, and that was lost before it could be copied.</summary>
/// <param name="Id">The artifact.</param>
/// <param name="Problem">What is wrong with it, as a sentence.</param>
public sealed record LostArtifact(ArtifactId Id, string Problem);
