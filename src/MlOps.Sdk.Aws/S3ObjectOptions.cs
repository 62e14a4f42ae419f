namespace MlOps.Sdk.Storage;

/// <summary>Where tables are kept in Amazon S3, and how what is written there is stored.</summary>
public sealed class S3ObjectOptions : S3StoreOptions
{
    /// <summary>The options as they are now, which nobody changes later.</summary>
    internal S3ObjectOptions Checked() => (S3ObjectOptions)CheckedCopy();
}
