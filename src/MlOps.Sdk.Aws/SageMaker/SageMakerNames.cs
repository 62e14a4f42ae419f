using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The names of what a target creates at SageMaker: letters, digits and single hyphens, up to 63. They follow from what is created, so
/// that a deployment that is repeated finds what is there.
/// </summary>
internal static partial class SageMakerNames
{
    private const int LongestEndpoint = 40;
    private const int HashLength = 10;

    /// <summary>The name of an endpoint. One that SageMaker does not take as it is has a hash of it at its end.</summary>
    public static string OfEndpoint(string prefix, string endpoint)
    {
        var wanted = prefix + endpoint;
        var name = Forbidden().Replace(wanted, "-").Trim('-');
        if (name == wanted && name.Length <= LongestEndpoint && !LikeOwn().IsMatch(name)) return name;
        if (name.Length > LongestEndpoint - HashLength - 1) name = name[..(LongestEndpoint - HashLength - 1)].TrimEnd('-');
        return $"{name}-{HashOf(wanted)}".TrimStart('-');
    }

    /// <summary>The name of a model or of a configuration of an endpoint.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="version">The version that it is for.</param>
    /// <param name="settings">All that it is made of.</param>
    public static string OfVersion(string endpoint, int version, string settings) =>
        string.Create(CultureInfo.InvariantCulture, $"{endpoint}-v{version}-{HashOf(settings)}");

    /// <summary>Whether a name may be that of a model or of a configuration of an endpoint.</summary>
    public static bool IsOfVersion(string endpoint, string name) =>
        name.StartsWith($"{endpoint}-v", StringComparison.Ordinal) && LikeOwn().Match(name) is { Success: true } own
            && own.Index == endpoint.Length;

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashLength];

    [GeneratedRegex("[^a-zA-Z0-9]+")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"-v[0-9]{1,10}-[0-9a-f]{10}\z")]
    private static partial Regex LikeOwn();
}
