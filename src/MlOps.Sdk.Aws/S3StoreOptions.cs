using System.Net;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Where and how objects are kept in Amazon S3. Credentials and the region are no options: they are those of the client, or of AWS's
/// default chain (environment, profile, role of the machine or container).
/// </summary>
public abstract class S3StoreOptions
{
    private const long MiB = 1L << 20;

    private protected S3StoreOptions()
    {
    }

    /// <summary>The name of the bucket, or the ARN of an access point. It exists already. Required.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>How the objects are encrypted. Default: <see cref="S3Encryption.S3Managed"/>.</summary>
    public S3Encryption Encryption { get; set; }

    /// <summary>
    /// The id, alias or ARN of the key for <see cref="S3Encryption.Kms"/>; <see langword="null"/> for AWS's key of the account. Default:
    /// <see langword="null"/>.
    /// </summary>
    public string? KmsKeyId { get; set; }

    /// <summary>
    /// Content of more bytes than this is uploaded in parts of this size: 5 MiB to 5 GiB. Content that would need more than 10,000 parts
    /// has larger ones. Default: 16 MiB.
    /// </summary>
    public long PartSize { get; set; } = 16 * MiB;

    /// <summary>
    /// The longest that a lookup, a deletion, a page of a list or a read of the next bytes may take, all repetitions included: 10
    /// milliseconds to 1 day. Default: 1 minute.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The longest that a whole upload, or the reading of a whole artifact at once, may take, all repetitions included: 10 milliseconds to
    /// 1 day. Default: 1 hour.
    /// </summary>
    public TimeSpan TransferTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The most objects of a page of a list.</summary>
    internal int PageSize { get; set; } = 1_000;

    /// <summary>The options as they are now, which nobody changes later.</summary>
    private protected S3StoreOptions CheckedCopy()
    {
        if (!IsBucket(Bucket))
        {
            throw new ArgumentException(
                $"{GetType().Name}.Bucket, '{PrintableText.Shorten(Bucket ?? "")}', is no name of a bucket: 3 to 63 lowercase letters, " +
                    "digits, dots and hyphens, with a letter or a digit at both ends; or the ARN of an access point.",
                nameof(Bucket));
        }
        if (!Enum.IsDefined(Encryption))
        {
            throw new ArgumentOutOfRangeException(nameof(Encryption), Encryption, "The kind of encryption is not defined.");
        }
        if (KmsKeyId is not null && (string.IsNullOrWhiteSpace(KmsKeyId) || KmsKeyId.Any(char.IsControl)))
        {
            throw new ArgumentException($"{GetType().Name}.KmsKeyId is no id of a key; leave it null for AWS's key.", nameof(KmsKeyId));
        }
        if (KmsKeyId is not null && Encryption != S3Encryption.Kms)
        {
            throw new ArgumentException(
                $"{GetType().Name}.KmsKeyId is used with S3Encryption.Kms only: set Encryption to it, or KmsKeyId to null.",
                nameof(KmsKeyId));
        }
        if (PartSize is < 5 * MiB or > 5 * 1024 * MiB)
        {
            throw new ArgumentOutOfRangeException(nameof(PartSize), PartSize, "The size of a part is between 5 MiB and 5 GiB.");
        }
        ObjectStoreTimes.Checked(Timeout, nameof(Timeout), TransferTimeout, nameof(TransferTimeout));
        return (S3StoreOptions)MemberwiseClone();
    }

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    private static bool IsBucket(string? name) => name is not null && (name.StartsWith("arn:", StringComparison.Ordinal)
        ? name.Length <= 2_048 && !name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
        : name.Length is >= 3 and <= 63
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
            && char.IsAsciiLetterOrDigit(name[0])
            && char.IsAsciiLetterOrDigit(name[^1])
            && !name.Contains("..", StringComparison.Ordinal)
            && !IPAddress.TryParse(name, out _));
}
