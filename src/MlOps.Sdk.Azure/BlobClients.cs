using Azure.Identity;
using Azure.Storage.Blobs;

namespace MlOps.Sdk.Storage;

/// <summary>Makes the clients of stores that are given none.</summary>
internal static class BlobClients
{
    private const int Repetitions = 3;

    /// <summary>The client that was given, or one of the address in the options.</summary>
    /// <exception cref="ArgumentException">There are both, or neither.</exception>
    public static BlobServiceClient Of(BlobStoreOptions options, BlobServiceClient? client)
    {
        if (client is null == options.ServiceUri is null)
        {
            throw new ArgumentException(
                $"The store needs one of both: {options.GetType().Name}.ServiceUri for a client with the credentials of Azure's default " +
                    "chain, or a client.",
                nameof(client));
        }
        if (client is not null) return client;
        var calls = new BlobClientOptions();
        calls.Retry.MaxRetries = Repetitions;
        return new BlobServiceClient(options.ServiceUri!, new DefaultAzureCredential(), calls);
    }
}
