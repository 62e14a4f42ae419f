using System.Globalization;

namespace MlOps.Sdk.Deployment;

/// <summary>Where calls of an endpoint go.</summary>
/// <param name="Name">The name of the Deployment and the Service of the version that is served.</param>
/// <param name="Annotations">What is said of it.</param>
/// <param name="IsWhole">Whether all calls go there.</param>
internal sealed record KubernetesEntrance(string Name, IDictionary<string, string> Annotations, bool IsWhole)
{
    public int? Version =>
        Annotations.TryGetValue(KubernetesNames.Version, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    public string? ContentHash => Annotations.TryGetValue(KubernetesNames.ContentHash, out var hash) ? hash : null;
}
