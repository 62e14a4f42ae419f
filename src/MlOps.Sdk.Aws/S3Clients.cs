using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace MlOps.Sdk.Storage;

/// <summary>Makes the clients of stores that are given none.</summary>
internal static class S3Clients
{
    private const int Repetitions = 3;

    /// <param name="region">The region; <see langword="null"/> for that of the default chain.</param>
    /// <exception cref="MlOpsException">There is no region.</exception>
    public static AmazonS3Client OfDefaultChain(string? region = null)
    {
        try
        {
            var config = new AmazonS3Config { RetryMode = RequestRetryMode.Standard, MaxErrorRetry = Repetitions };
            if (region is not null) config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
            return new AmazonS3Client(config);
        }
        catch (AmazonClientException e)
        {
            throw new MlOpsException(
                "The client of S3 cannot be made: AWS's default chain has no region.",
                "Set AWS_REGION or the region of the profile, or give the store a client.",
                e);
        }
    }
}
