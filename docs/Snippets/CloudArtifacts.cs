using Amazon.S3;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk;
using MlOps.Sdk.Storage;

namespace Acme;

/// <summary>Artifacts in the object store of a cloud.</summary>
internal static class CloudArtifacts
{
    public static async Task<Workspace> OpenS3Async(CancellationToken cancellationToken)
    {
        // begin-snippet: s3-workspace
        var store = new S3ArtifactStore(new S3ArtifactOptions { Bucket = "contoso-models", Prefix = "churn/artifacts" });
        var workspace = await Workspace.OpenAsync(".mlops", options => options.Artifacts = store, cancellationToken);
        // end-snippet
        return workspace;
    }

    public static void HostS3(IServiceCollection services)
    {
        // begin-snippet: s3-host
        services.AddMlOps().AddS3Artifacts(options =>
        {
            options.Bucket = "contoso-models";
            options.Encryption = S3Encryption.Kms;
            options.KmsKeyId = "alias/contoso-models";
        });
        // end-snippet
    }

    public static S3ArtifactStore OpenCompatible(IAmazonS3 client)
    {
        // begin-snippet: s3-compatible
        var store = new S3ArtifactStore(
            new S3ArtifactOptions { Bucket = "models", Encryption = S3Encryption.BucketDefault },
            client); // new AmazonS3Client(new AmazonS3Config { ServiceURL = "https://minio.contoso.com", ForcePathStyle = true })
        // end-snippet
        return store;
    }

    public static async Task<Workspace> OpenBlobsAsync(CancellationToken cancellationToken)
    {
        // begin-snippet: blob-workspace
        var store = new BlobArtifactStore(new BlobArtifactOptions
        {
            ServiceUri = new Uri("https://contoso.blob.core.windows.net"),
            Container = "models",
            Prefix = "churn/artifacts",
        });
        var workspace = await Workspace.OpenAsync(".mlops", options => options.Artifacts = store, cancellationToken);
        // end-snippet
        return workspace;
    }

    public static void HostBlobs(IServiceCollection services, BlobServiceClient client)
    {
        // begin-snippet: blob-host
        services.AddSingleton(client); // for credentials or options of your own; else set ServiceUri
        services.AddMlOps().AddBlobArtifacts(options =>
        {
            options.Container = "models";
            options.EncryptionScope = "models-scope";
        });
        // end-snippet
    }
}
