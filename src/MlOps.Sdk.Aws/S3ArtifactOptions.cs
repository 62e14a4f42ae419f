using System.Text;

namespace MlOps.Sdk.Storage;

/// <summary>Where and how artifacts are kept in Amazon S3.</summary>
public sealed class S3ArtifactOptions : S3StoreOptions
{
    // An artifact adds "/ab/" and 62 digits.
    private const int LongestPrefix = S3Place.LongestKey - 66;

    /// <summary>
    /// What the keys begin with: folders separated by <c>/</c>, without one at the beginning or the end; empty for none. Each workspace
    /// needs its own. Default: <c>artifacts</c>.
    /// </summary>
    public string Prefix { get; set; } = "artifacts";

    /// <summary>The options as they are now, which nobody changes later.</summary>
    internal S3ArtifactOptions Checked()
    {
        ObjectPrefix.Checked(Prefix, nameof(Prefix));
        if (Encoding.UTF8.GetByteCount(Prefix) > LongestPrefix)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"S3ArtifactOptions.Prefix is too long: it may have {LongestPrefix} bytes in UTF-8."),
                nameof(Prefix));
        }
        return (S3ArtifactOptions)CheckedCopy();
    }

    /// <summary>Sets the options of others to these.</summary>
    internal void CopyTo(S3ArtifactOptions other)
    {
        (other.Bucket, other.Prefix, other.Encryption, other.KmsKeyId) = (Bucket, Prefix, Encryption, KmsKeyId);
        (other.PartSize, other.Timeout, other.TransferTimeout, other.PageSize) = (PartSize, Timeout, TransferTimeout, PageSize);
    }
}
