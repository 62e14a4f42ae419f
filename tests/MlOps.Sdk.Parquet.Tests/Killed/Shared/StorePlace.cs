using Amazon.Runtime;
using Amazon.S3;
using Azure.Storage;
using Azure.Storage.Blobs;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Parquet.Tests.Killed;

/// <summary>A place for objects that several processes name alike: a folder, a bucket of s3rver, or a container of azurite.</summary>
internal sealed record StorePlace(string Kind, string Address, string Name) : IDisposable
{
    // The published account of every azurite.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private const long SmallPart = 5 << 20;
    private readonly List<IDisposable> _open = [];

    /// <summary>The arguments of a process that works on the same place.</summary>
    public string[] Arguments => [Kind, Address, Name];

    public static StorePlace Of(ReadOnlySpan<string> arguments) => new(arguments[0], arguments[1], arguments[2]);

    /// <summary>Content of more than 5 MiB goes in parts.</summary>
    public IObjectStore Objects() => Kind switch
    {
        "folder" => new FolderObjectStore(Address),
        "s3" => new S3ObjectStore(
            new S3ObjectOptions { Bucket = Name, Encryption = S3Encryption.BucketDefault, PartSize = SmallPart }, S3()),
        _ => new BlobObjectStore(new BlobObjectOptions { Container = Name, BlockSize = SmallPart }, Blobs()),
    };

    /// <summary>Content of more than 5 MiB goes in parts.</summary>
    public IArtifactStore Artifacts() => Kind == "s3"
        ? new S3ArtifactStore(
            new S3ArtifactOptions { Bucket = Name, Encryption = S3Encryption.BucketDefault, PartSize = SmallPart }, S3())
        : new BlobArtifactStore(new BlobArtifactOptions { Container = Name, BlockSize = SmallPart }, Blobs());

    /// <summary>Makes the place, which is empty.</summary>
    public async Task CreateAsync()
    {
        if (Kind == "s3") await S3().PutBucketAsync(Name);
        if (Kind == "blob") await Blobs().CreateBlobContainerAsync(Name);
    }

    public void Dispose()
    {
        foreach (var open in _open) open.Dispose();
    }

    private AmazonS3Client S3()
    {
        var client = new AmazonS3Client(new BasicAWSCredentials("S3RVER", "S3RVER"), new AmazonS3Config
        {
            ServiceURL = Address,
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
        _open.Add(client);
        return client;
    }

    private BlobServiceClient Blobs() => new(
        new Uri($"{Address}/{Account}"),
        new StorageSharedKeyCredential(Account, Key),
        new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04));
}
