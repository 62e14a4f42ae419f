using Azure;
using Azure.Identity;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Storage;

/// <summary>
/// What exceptions of the client of Azure Blob Storage mean. What a server says is not repeated except for its error code: the rest may
/// have parts of the signed request.
/// </summary>
internal static class BlobFailures
{
    private const string Permissions =
        "Give the identity the role 'Storage Blob Data Contributor' for the container, and check the firewall of the account.";

    public static ObjectFailure? Explain(Exception exception, string container) => exception switch
    {
        RequestFailedException { Status: not 0 } service => Explain(service, container),
        RequestFailedException or HttpRequestException or IOException => Unreachable(exception),

        // After repetitions: one exception for each.
        AggregateException { InnerExceptions: [.., var last] } => Explain(last, container),
        AuthenticationFailedException => new ObjectFailure(
            "there are no credentials that Azure accepts",
            "Give the machine or the container an identity, or sign in with a tool that DefaultAzureCredential knows; the cause says more.",
            exception),
        _ => null,
    };

    private static ObjectFailure Explain(RequestFailedException service, string container)
    {
        var code = PrintableText.Shorten(service.ErrorCode ?? "");
        var answer = code.Length == 0 ? $"HTTP {service.Status}" : $"HTTP {service.Status}, {code}";
        return (service.ErrorCode, service.Status) switch
        {
            ("ContainerNotFound", _) => new ObjectFailure(
                $"there is no container '{container}'",
                "Check the container in the options and the account, or create the container: the store does not."),
            ("ContainerBeingDeleted", _) => new ObjectFailure(
                $"the container '{container}' is being deleted", "Name another container, or create it again when it is gone."),
            ("Md5Mismatch", _) => new ObjectFailure(
                $"what arrived is not what was sent ({code})", "Try again; when it happens again, check the network and its proxies."),
            (_, 401 or 403) => new ObjectFailure($"access is denied ({answer})", Permissions),
            (_, 408 or 429 or >= 500) => new ObjectFailure(
                $"the store is not able to answer now ({answer})",
                "Try again later: the request was repeated already.",
                new IOException(answer)),
            _ => new ObjectFailure(
                $"the store rejected the request ({answer})",
                "Check the options of the store, the settings of the account, and the service version of the client."),
        };
    }

    private static ObjectFailure Unreachable(Exception cause) => new(
        "the store cannot be reached, or the connection broke",
        "Check the network, the proxy, and the address of the account.",
        cause as IOException ?? new IOException(cause.Message, cause));
}
