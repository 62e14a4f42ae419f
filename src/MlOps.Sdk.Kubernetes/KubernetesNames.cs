using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MlOps.Sdk.Deployment;

/// <summary>The names of objects, labels and annotations.</summary>
internal static partial class KubernetesNames
{
    /// <summary>Who owns the fields of the objects (server-side apply).</summary>
    public const string FieldManager = "mlops-sdk";

    public const string Endpoint = "mlops.sdk/endpoint";
    public const string Version = "mlops.sdk/version";
    public const string ContentHash = "mlops.sdk/content-hash";

    /// <summary>The id of the workspace that made an object.</summary>
    public const string Workspace = "mlops.sdk/workspace";

    /// <summary>The label that tells the pods of versions apart.</summary>
    public const string Release = "mlops.sdk/release";

    private const int Longest = 40;
    private const int HashLength = 8;

    /// <summary>The name of the objects of an endpoint.</summary>
    public static string OfEndpoint(string endpoint)
    {
        var name = Forbidden().Replace(endpoint.ToLowerInvariant(), "-").Trim('-');
        if (name == endpoint && name.Length <= Longest && !char.IsAsciiDigit(name[0]) && !OwnEnd().IsMatch(name)) return name;
        if (name.Length > Longest - HashLength - 3) name = name[..(Longest - HashLength - 3)].TrimEnd('-');

        // A Service begins with a letter.
        return $"m-{name}-{HashOf(endpoint)}".Replace("--", "-", StringComparison.Ordinal);
    }

    /// <summary>The name of the objects of a version of an endpoint, which follows from what they are made of.</summary>
    public static string OfVersion(string name, int version, string settings) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}-v{version}-{HashOf(settings)}");

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashLength];

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"-v[0-9]{1,10}-[0-9a-f]{8}\z")]
    private static partial Regex OwnEnd();
}
