using Amazon.Runtime;
using Amazon.S3;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk;

/// <summary>Models at Amazon SageMaker.</summary>
public static class SageMakerExtensions
{
    /// <summary>
    /// Serves by Amazon SageMaker, in a container of yours. The workspace needs a <see cref="WorkspaceOptions.Signer"/>. The
    /// <see cref="AWSCredentials"/> and the <see cref="IAmazonS3"/> of the
    /// container of services make the calls; without them, those of AWS's default chain.
    /// </summary>
    /// <param name="deployment">The builder.</param>
    /// <param name="configure">Sets the bucket, the role and the image.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public static DeploymentBuilder ToSageMaker(this DeploymentBuilder deployment, Action<SageMakerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new SageMakerOptions();
        configure(options);
        var kept = options.Checked();
        return deployment.ToOutside(
            services => new SageMakerTarget(
                kept, services, services.Services.GetService<IAmazonS3>(), services.Services.GetService<AWSCredentials>()),
            signs: true);
    }
}
