using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tests;

/// <summary>How tests lose artifacts.</summary>
internal static class WorkspaceArtifactsExtensions
{
    /// <summary>Removes an artifact, whoever needs it.</summary>
    public static bool Delete(this WorkspaceArtifacts artifacts, ArtifactId id) =>
        artifacts.DeleteAnywayAsync(id, CancellationToken.None).GetAwaiter().GetResult();
}
