namespace MlOps.Sdk.Storage;

/// <summary>Where tables are kept in Azure Blob Storage, and how what is written there is stored.</summary>
public sealed class BlobObjectOptions : BlobStoreOptions
{
    /// <summary>The options as they are now, which nobody changes later.</summary>
    internal BlobObjectOptions Checked() => (BlobObjectOptions)CheckedCopy();
}
