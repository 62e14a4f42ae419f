using System.Net;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// What errors of SageMaker mean. Its text is repeated only for errors that cannot have parts of the signed request.
/// </summary>
internal static class SageMakerFailures
{
    /// <summary>Which answers are worth another request.</summary>
    private static bool IsTemporary(HttpStatusCode status, string code) =>
        status is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
        || code is "ThrottlingException" or "Throttling" or "RequestLimitExceeded" or "TooManyRequestsException";

    /// <summary>The code and the text of an error in its JSON.</summary>
    public static (string Code, string Said) Read(HttpResponseMessage answer, byte[] body)
    {
        var code = answer.Headers.TryGetValues("x-amzn-ErrorType", out var types) ? types.First() : "";
        var said = "";
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                if (code.Length == 0 && json.RootElement.TryGetProperty("__type", out var type)) code = type.GetString() ?? "";
                foreach (var name in new[] { "message", "Message", "OriginalMessage" })
                {
                    if (said.Length == 0 && json.RootElement.TryGetProperty(name, out var text)) said = text.GetString() ?? "";
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A proxy may answer in its own words.
        }

        // com.amazonaws.sagemaker#ValidationException, or ValidationException:http://…
        return (code.Split('#')[^1].Split(':')[0], said);
    }

    public static SageMakerFailure Explain(string call, HttpStatusCode status, string code, string said)
    {
        var name = code.Length == 0 ? $"HTTP {(int)status}" : PrintableText.Shorten(code);
        var (problem, remedy) = code switch
        {
            "AccessDeniedException" or "AccessDenied" => (
                $"the credentials may not do it ({name})",
                $"Allow sagemaker:{call} to the credentials, and iam:PassRole for SageMakerOptions.RoleArn; docs/aws.md lists all."),
            "UnrecognizedClientException" or "InvalidSignatureException" or "IncompleteSignatureException" or "ExpiredTokenException"
                or "InvalidClientTokenId" or "MissingAuthenticationTokenException" or "SignatureDoesNotMatch" => (
                $"SageMaker does not accept the credentials ({name})",
                "Renew the credentials that AWS's default chain or the container of services has, and check the clock of this machine."),
            "ResourceLimitExceeded" => (
                $"the account has no more machines of this type, or no more such resources ({Text(said)})",
                "Ask AWS for a higher quota of the instance type for endpoint usage, or use another SageMakerOptions.InstanceType."),
            "ModelError" => (
                $"the container answered with an error ({Text(said)})",
                "See the log of the container in CloudWatch, /aws/sagemaker/Endpoints/."),
            "ValidationException" or "ValidationError" => (
                $"SageMaker rejected the request ({Text(said)})", "Check SageMakerOptions against what SageMaker says."),
            _ when IsTemporary(status, code) => (
                $"SageMaker is not able to answer now ({name})", "Try again later: the request was repeated already."),
            _ => ($"SageMaker rejected the request ({name})", "Check SageMakerOptions, and the state of the endpoint in the console."),
        };
        return new SageMakerFailure(code, said, $"The call {call} of SageMaker failed: {problem}.", remedy)
        {
            IsTemporary = IsTemporary(status, code),
        };
    }

    public static SageMakerFailure Unreachable(string call, Exception cause) => new(
        "",
        "",
        $"The call {call} of SageMaker failed: it cannot be reached, or did not answer in time.",
        "Check the network, the proxy, the region, and SageMakerOptions.ApiAddress and RuntimeAddress.",
        cause) { IsTemporary = true };

    /// <summary>What SageMaker said, as it may stand in a message.</summary>
    public static string Text(string said) =>
        said.Length == 0 ? "without a reason" : PrintableText.ShortenTo(Secrets.Blank(said.Trim().TrimEnd('.')), 300);
}
