using System.Globalization;

namespace MlOps.Sdk.Deployment;

/// <summary>Where calls of an endpoint go.</summary>
/// <param name="Name">The name of the Deployment and the Service of the version that is served.</param>
/// <param name="Annotations">What is said of it.</param>
/// <param name="IsWhole">Whether all calls go there.</param>
/// <param name="Canary">What gets the rest of the calls, in percent; <see langword="null"/> for nothing.</param>
internal sealed record KubernetesEntrance(
    string Name, IDictionary<string, string> Annotations, bool IsWhole, KubernetesRouteBackend? Canary)
{
    public int? Version =>
        Annotations.TryGetValue(KubernetesNames.Version, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    /// <summary>The id of the workspace that made it; <see langword="null"/> where it does not say.</summary>
    public string? Workspace => Annotations.TryGetValue(KubernetesNames.Workspace, out var id) ? id : null;

    public string? ContentHash => Annotations.TryGetValue(KubernetesNames.ContentHash, out var hash) ? hash : null;
}
