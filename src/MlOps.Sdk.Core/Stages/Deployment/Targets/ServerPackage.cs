namespace MlOps.Sdk.Deployment;

/// <summary>A package of a server program.</summary>
/// <param name="Name">The id.</param>
/// <param name="Version">The version.</param>
/// <param name="ContentHash">
/// What <c>packages.lock.json</c> calls its content hash; <see langword="null"/> where it is not known. It is the SHA-512 of the package
/// without its signature: no hash of the file, which a registry signs.
/// </param>
/// <param name="Needs">The ids of the packages that it needs, as far as they are listed as well.</param>
internal sealed record ServerPackage(string Name, string Version, string? ContentHash, IReadOnlyList<string> Needs)
{
    /// <summary>The license as SPDX expression; <see langword="null"/> where it is not known.</summary>
    public string? License { get; init; }
}
