namespace MlOps.Sdk.Storage;

/// <summary>An artifact is being deleted: who refers to it waits until it is gone, and puts it again.</summary>
internal sealed class ArtifactDeletingException(ArtifactId artifact) : MlOpsException(
    $"The artifact {artifact} is being deleted, because nothing referred to it.", "Run again.")
{
    public ArtifactId Artifact => artifact;
}
