using System.Text.RegularExpressions;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Where and how objects are kept in Azure Blob Storage. Credentials are no options: they are those of the client, or of Azure's default
/// chain (environment, workload or managed identity, developer tools).
/// </summary>
public abstract partial class BlobStoreOptions
{
    private const long MiB = 1L << 20;

    private protected BlobStoreOptions()
    {
    }

    /// <summary>
    /// The address of the account, such as <c>https://account.blob.core.windows.net</c>, without a signature; <see langword="null"/> where
    /// the store is given a client.
    /// </summary>
    public Uri? ServiceUri { get; set; }

    /// <summary>The name of the container. It exists already. Required.</summary>
    public string Container { get; set; } = "";

    /// <summary>
    /// The encryption scope of the account that blobs are written under, which may have a key of your own; <see langword="null"/> for
    /// that of the container or the account. Blobs are always encrypted. Default: <see langword="null"/>.
    /// </summary>
    public string? EncryptionScope { get; set; }

    /// <summary>
    /// Content of more bytes than this is uploaded in blocks of this size: 1 MiB to 4,000 MiB. Content that would need more than 50,000
    /// blocks has larger ones. Default: 16 MiB.
    /// </summary>
    public long BlockSize { get; set; } = 16 * MiB;

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

    /// <summary>The most blobs of a page of a list.</summary>
    internal int PageSize { get; set; } = 5_000;

    /// <summary>The options as they are now, which nobody changes later.</summary>
    private protected BlobStoreOptions CheckedCopy()
    {
        if (ServiceUri is not null) CheckAddress(ServiceUri, nameof(ServiceUri));
        if (Container is null || Container.Length is < 3 or > 63 || !ContainerName().IsMatch(Container))
        {
            throw new ArgumentException(
                $"{GetType().Name}.Container, '{PrintableText.Shorten(Container ?? "")}', is no name of a container: 3 to 63 " +
                    "lowercase letters, digits and single hyphens, with a letter or a digit at both ends.",
                nameof(Container));
        }
        if (EncryptionScope is not null && !ScopeName().IsMatch(EncryptionScope))
        {
            throw new ArgumentException(
                $"{GetType().Name}.EncryptionScope is no name of an encryption scope: 3 to 63 letters, digits and hyphens; leave it " +
                    "null for that of the container.",
                nameof(EncryptionScope));
        }
        if (BlockSize is < MiB or > 4_000 * MiB)
        {
            throw new ArgumentOutOfRangeException(nameof(BlockSize), BlockSize, "The size of a block is between 1 MiB and 4,000 MiB.");
        }
        ObjectStoreTimes.Checked(Timeout, nameof(Timeout), TransferTimeout, nameof(TransferTimeout));
        return (BlobStoreOptions)MemberwiseClone();
    }

    // The address itself is not repeated: it may have the signature that it must not have.
    private void CheckAddress(Uri address, string name)
    {
        if (!address.IsAbsoluteUri
            || (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            throw new ArgumentException(
                $"{GetType().Name}.ServiceUri is no https address, such as https://account.blob.core.windows.net.", name);
        }
        if (address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
        {
            throw new ArgumentException(
                $"{GetType().Name}.ServiceUri has a signature, a user or a fragment. Name the account alone: credentials are those of " +
                    "Azure's default chain, or of a client that the store is given.",
                name);
        }
    }

    // https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
    [GeneratedRegex(@"\A[a-z0-9](-?[a-z0-9])*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerName();

    [GeneratedRegex(@"\A[A-Za-z0-9-]{3,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ScopeName();
}
