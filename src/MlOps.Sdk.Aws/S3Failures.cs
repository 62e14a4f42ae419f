using System.Net;
using Amazon.Runtime;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Storage;

/// <summary>
/// What exceptions of the client of S3 mean. What a server says is not repeated except for its error code: the rest may have parts of the
/// signed request.
/// </summary>
internal static class S3Failures
{
    private const string Permissions =
        "Allow the account s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload for the objects, s3:ListBucket for " +
        "the bucket, and with SSE-KMS kms:GenerateDataKey and kms:Decrypt for the key.";

    public static ObjectFailure? Explain(Exception exception, string bucket) => exception switch
    {
        AmazonServiceException { StatusCode: not 0 } service => Explain(service, bucket),
        AmazonServiceException service => Unreachable(service.InnerException ?? service),
        HttpRequestException or IOException => Unreachable(exception),
        AmazonClientException => new ObjectFailure(
            "the client could not send the request or did not accept the answer",
            "Check the credentials and the region of AWS's default chain, or of the client that the store was given; the cause says more.",
            exception),
        _ => null,
    };

    private static ObjectFailure Explain(AmazonServiceException service, string bucket)
    {
        var code = PrintableText.Shorten(service.ErrorCode ?? "");
        return service.ErrorCode switch
        {
            "NoSuchBucket" => new ObjectFailure(
                $"there is no bucket '{bucket}'",
                "Check the bucket in the options and the region of the client, or create the bucket: the store does not."),
            "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "ExpiredToken" or "InvalidToken" or "RequestTimeTooSkewed" =>
                new ObjectFailure(
                    $"S3 does not accept the credentials ({code})",
                    "Renew the credentials that AWS's default chain or the client has, and check the clock of this machine."),
            "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" => new ObjectFailure(
                $"the bucket '{bucket}' is in another region ({code})",
                "Set AWS_REGION, or the region of the client, to that of the bucket."),
            "BadDigest" or "XAmzContentChecksumMismatch" or "XAmzContentSHA256Mismatch" => new ObjectFailure(
                $"what arrived is not what was sent ({code})", "Try again; when it happens again, check the network and its proxies."),
            _ => ByStatus(service.StatusCode, code),
        };
    }

    private static ObjectFailure ByStatus(HttpStatusCode status, string code)
    {
        var answer = code.Length == 0 ? $"HTTP {(int)status}" : $"HTTP {(int)status}, {code}";
        return status switch
        {
            HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => new ObjectFailure($"access is denied ({answer})", Permissions),
            HttpStatusCode.NotImplemented => new ObjectFailure(
                $"the store does not know the request ({answer})", "With a store that only speaks S3, use S3Encryption.BucketDefault."),
            HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new ObjectFailure(
                $"the store is not able to answer now ({answer})",
                "Try again later: the request was repeated already.",
                new IOException(answer)),
            _ => new ObjectFailure(
                $"the store rejected the request ({answer})",
                "Check the options of the store, and the settings of the bucket and of the client."),
        };
    }

    private static ObjectFailure Unreachable(Exception cause) => new(
        "the store cannot be reached, or the connection broke",
        "Check the network, the proxy, and the region or the address of the client.",
        cause as IOException ?? new IOException(cause.Message, cause));
}
