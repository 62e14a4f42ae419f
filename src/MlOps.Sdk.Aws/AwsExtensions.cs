using Amazon.S3;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Artifacts in Amazon S3.</summary>
public static class AwsExtensions
{
    /// <summary>
    /// Keeps the artifacts of the host's workspace in S3. The <see cref="IAmazonS3"/> of the container makes the calls; without one, a
    /// client with the credentials and the region of AWS's default chain.
    /// </summary>
    /// <param name="builder">The library in the host.</param>
    /// <param name="configure">Sets the bucket.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    /// <exception cref="InvalidOperationException">The container has a store of artifacts already.</exception>
    public static MlOpsBuilder AddS3Artifacts(this MlOpsBuilder builder, Action<S3ArtifactOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new S3ArtifactOptions();
        configure(options);
        var kept = options.Checked();
        return builder.AddArtifacts(services => new S3ArtifactStore(kept, services.GetService<IAmazonS3>()));
    }
}
