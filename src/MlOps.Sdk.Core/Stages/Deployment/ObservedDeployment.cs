namespace MlOps.Sdk.Deployment;

/// <summary>What a target really serves.</summary>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Version">The version; <see langword="null"/> when nothing is served.</param>
/// <param name="ContentHash">The content hash of the package; <see langword="null"/> when nothing is served.</param>
public sealed record ObservedDeployment(string Endpoint, int? Version, string? ContentHash)
{
    /// <summary>
    /// The id of the key that signed what is served, see <see cref="Packaging.PackageSigner.KeyId"/>; <see langword="null"/> where the
    /// target does not know it, or serves nothing. What another key signed than the one in use is delivered again, so that the other one
    /// can be dropped.
    /// </summary>
    public string? KeyId { get; init; }
}
