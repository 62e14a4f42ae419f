using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;
using Amazon.S3;

namespace MlOps.Sdk.Deployment;

/// <summary>Makes requests of HTTP that are signed by the signer of the AWS SDK (Signature Version 4). Thread-safe.</summary>
internal static class SignedHttp
{
    private const string Service = "sagemaker";

    // The signer asks a configuration for what the request does not say itself.
    private static readonly AmazonS3Config Configuration = new();

    /// <summary>A signed request.</summary>
    /// <param name="address">Where it goes: scheme, host and port.</param>
    /// <param name="path">The path, of characters that need no escape.</param>
    /// <param name="headers">The headers, which are signed.</param>
    /// <param name="body">The body.</param>
    /// <param name="region">The region of the address.</param>
    /// <param name="credentials">Who signs.</param>
    /// <param name="time">The time of the signature.</param>
    public static HttpRequestMessage Create(
        Uri address,
        string path,
        IEnumerable<KeyValuePair<string, string>> headers,
        byte[] body,
        string region,
        ImmutableCredentials credentials,
        DateTimeOffset time)
    {
        var request = new DefaultRequest(new PlainRequest(), Service)
        {
            Endpoint = address,
            ResourcePath = path,
            HttpMethod = "POST",
            Content = body,
            AuthenticationRegion = region,
            OverrideSigningServiceName = Service,
        };
        foreach (var (name, value) in headers) request.Headers[name] = value;
        if (credentials.UseToken) request.Headers["x-amz-security-token"] = credentials.Token;
        var signed = new AWS4Signer().SignRequest(
            request, Configuration, new RequestMetrics(), credentials.AccessKey, credentials.SecretKey, time.UtcDateTime);

        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path)) { Content = new ByteArrayContent(body) };
        message.Headers.TryAddWithoutValidation("Authorization", signed.ForAuthorizationHeader);
        foreach (var (name, value) in request.Headers)
        {
            if (name.Equals("host", StringComparison.OrdinalIgnoreCase)) continue;
            if (name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
            {
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }

    private sealed class PlainRequest : AmazonWebServiceRequest;
}
