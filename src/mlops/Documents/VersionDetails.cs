using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>A version, what points to it, and what its gates said.</summary>
/// <param name="Version">The version.</param>
/// <param name="Aliases">The aliases that point to it.</param>
/// <param name="IsBlessed">Whether it may be deployed: what the newest attestation says.</param>
/// <param name="Blessings">The attestations, the newest first.</param>
internal sealed record VersionDetails(
    ModelVersion Version, IReadOnlyList<string> Aliases, bool IsBlessed, IReadOnlyList<Blessing> Blessings)
{
    public static async Task<VersionDetails> ReadAsync(
        Workspace workspace, ModelVersion version, IReadOnlyList<AliasChange> aliases, CancellationToken cancellationToken)
    {
        var blessings = await workspace.Models.BlessingsAsync(version.Model, version.Version, cancellationToken).ConfigureAwait(false);
        return new VersionDetails(
            version,
            [.. aliases.Where(alias => alias.Version == version.Version).Select(alias => alias.Alias)],
            blessings is [var newest, ..] && newest.IsBlessed,
            blessings);
    }
}
