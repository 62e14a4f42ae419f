using Amazon.Runtime;
using Amazon.S3;

namespace MlOps.Sdk.Storage;

/// <summary>Makes the clients of stores that are given none.</summary>
internal static class S3Clients
{
    private const int Repetitions = 3;

    /// <exception cref="MlOpsException">The default chain has no region.</exception>
    public static AmazonS3Client OfDefaultChain()
    {
        try
        {
            return new AmazonS3Client(new AmazonS3Config { RetryMode = RequestRetryMode.Standard, MaxErrorRetry = Repetitions });
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
