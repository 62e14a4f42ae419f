using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Azure.Tests;

/// <summary>
/// The npm package azurite on loopback, whose address is in MLOPS_BLOB. Without it, tests are skipped; on a build server, they fail.
/// </summary>
internal static class BlobEmulator
{
    public const string Account = "devstoreaccount1";

    // The published key of every azurite.
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public static Uri Address
    {
        get
        {
            var address = Environment.GetEnvironmentVariable("MLOPS_BLOB");
            if (string.IsNullOrEmpty(address))
            {
                const string Missing = "Set MLOPS_BLOB to the address of azurite, such as http://127.0.0.1:10000.";
                if (Environment.GetEnvironmentVariable("CI") is { Length: > 0 }) Assert.Fail(Missing);
                Assert.Ignore(Missing);
            }
            return new Uri($"{address}/{Account}");
        }
    }

    /// <summary>A container that nobody else has, which is empty and private.</summary>
    public static async Task<string> CreateContainerAsync()
    {
        var name = $"mlops-{Guid.NewGuid():N}";
        await CreateClient().CreateBlobContainerAsync(name, PublicAccessType.None);
        return name;
    }

    /// <summary>A client with the account that azurite has.</summary>
    public static BlobServiceClient CreateClient(string? key = null) => new(
        Address,
        new global::Azure.Storage.StorageSharedKeyCredential(Account, key ?? Key),
        new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04));

    public static BlobArtifactOptions Options(string container) => new() { Container = container, Prefix = "tests/artifacts" };

    public static string NameOf(ArtifactId id) => $"tests/artifacts/{id.Hex[..2]}/{id.Hex[2..]}";

    /// <summary>Writes a blob as nobody of the library would.</summary>
    public static async Task WriteAsync(string container, string name, byte[] bytes) =>
        await CreateClient().GetBlobContainerClient(container).GetBlobClient(name).UploadAsync(new BinaryData(bytes), overwrite: true);
}
