namespace MlOps.Sdk.Storage;

/// <summary>Where and how artifacts are kept in Azure Blob Storage.</summary>
public sealed class BlobArtifactOptions : BlobStoreOptions
{
    /// <summary>
    /// What the names of the blobs begin with: folders separated by <c>/</c>, without one at the beginning or the end; empty for none. Each
    /// workspace needs its own. Default: <c>artifacts</c>.
    /// </summary>
    public string Prefix { get; set; } = "artifacts";

    /// <summary>The options as they are now, which nobody changes later.</summary>
    internal BlobArtifactOptions Checked()
    {
        ObjectPrefix.Checked(Prefix, nameof(Prefix));
        return (BlobArtifactOptions)CheckedCopy();
    }
}
