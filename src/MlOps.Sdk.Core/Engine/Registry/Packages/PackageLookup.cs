using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>What was found when a package was looked up, before the write lock was taken.</summary>
/// <param name="Package">The package; <see langword="null"/> where none is looked up.</param>
/// <param name="IsStored">Whether it is there.</param>
internal readonly record struct PackageLookup(ArtifactId? Package, bool IsStored)
{
    /// <exception cref="MlOpsException">The package is not there.</exception>
    /// <exception cref="OtherPackageException">Another package was looked up.</exception>
    public void Require(ArtifactId package)
    {
        if (Package is null) return;
        if (Package != package) throw new OtherPackageException(package);
        if (!IsStored)
        {
            throw new MlOpsException(
                $"The package {package} is not in the workspace.",
                "Restore the artifacts folder from a backup, or run the lifecycle again.");
        }
    }
}
