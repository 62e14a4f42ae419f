using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Artifacts in Azure Blob Storage.</summary>
public static class AzureExtensions
{
    /// <summary>
    /// Keeps the artifacts of the host's workspace in Azure Blob Storage. Without <see cref="BlobStoreOptions.ServiceUri"/>, the
    /// <see cref="BlobServiceClient"/> of the container makes the calls; with it, a client with the credentials of Azure's default chain.
    /// </summary>
    /// <param name="builder">The library in the host.</param>
    /// <param name="configure">Sets the account and its container.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    /// <exception cref="InvalidOperationException">The container of services has a store of artifacts already.</exception>
    public static MlOpsBuilder AddBlobArtifacts(this MlOpsBuilder builder, Action<BlobArtifactOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new BlobArtifactOptions();
        configure(options);
        var kept = options.Checked();
        return builder.AddArtifacts(services => new BlobArtifactStore(
            kept, kept.ServiceUri is null ? services.GetRequiredService<BlobServiceClient>() : null));
    }
}
