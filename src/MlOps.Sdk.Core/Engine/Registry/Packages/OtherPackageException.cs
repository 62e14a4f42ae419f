using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>A version was given another package since its own was looked up: that one is looked up, too.</summary>
internal sealed class OtherPackageException(ArtifactId package) : MlOpsException(
    "The version was given another package meanwhile.", "Run again.")
{
    public ArtifactId Package => package;
}
