using System.Text.Json;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// What leaves a workspace: the package of a version with <c>release.json</c> beside its parts, and one signature over both. It is a
/// package like any other, of the same content hash.
/// </summary>
internal static class ReleaseFile
{
    /// <summary>Writes the release of what a target is to serve.</summary>
    /// <param name="desired">What is to be served, with the time at which it went live.</param>
    /// <param name="signer">
    /// Who signs, whoever had signed the package before; <see langword="null"/> for nobody, which no workspace accepts.
    /// </param>
    /// <returns>The file. Two calls give different bytes: a signature has chance in it.</returns>
    /// <exception cref="MlOpsException">The package is damaged or not the blessed one, or it is not said when it went live.</exception>
    public static byte[] Write(DesiredDeployment desired, PackageSigner? signer)
    {
        desired.RequireBlessed();
        var (version, blessing) = (desired.Model.Version, desired.Model.Blessing);
        if (desired.PromotedAt is not { } promotedAt)
        {
            throw new MlOpsException(
                $"Version {version.Version} of '{desired.Endpoint}' cannot be released, because it is not said when it went live.",
                "Set DesiredDeployment.PromotedAt, as a run, a rollback and BlessedModels.DesiredAsync do.");
        }
        var release = new Release
        {
            Format = Release.CurrentFormat,
            Endpoint = desired.Endpoint,
            Version = version.Version,
            ContentHash = version.ContentHash,
            PromotedAt = promotedAt.ToUniversalTime(),
            BlessedBy = blessing.Actor,
            BlessedAt = blessing.IssuedAt.ToUniversalTime(),
            Gates = blessing.Gates,
            Metrics = version.Metrics,
        };
        return PackageSeal.Release(desired.Package, JsonSerializer.SerializeToUtf8Bytes(release, ReleaseJson.Default.Release), signer);
    }

    /// <summary>
    /// Reads what a file says of its release, and makes sure that the package in it is whole, and is the one that is released. Whether
    /// somebody who is trusted signed it is for <see cref="PackageTrust"/> to say, before. No part of the package is loaded.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="endpoint">The endpoint that it must be for.</param>
    /// <exception cref="MlOpsException">
    /// It is damaged, too new, no release, of another endpoint, of a package that the gates rejected, or its package is another one.
    /// </exception>
    public static Release Read(ReadOnlyMemory<byte> file, string endpoint)
    {
        var release = Read(file);
        return release.Endpoint == endpoint
            ? release
            : throw new MlOpsException(
                $"The release is one of '{release.Endpoint}', and was given for '{PackageFile.Shown(endpoint)}'.",
                "Give every endpoint its own releases.") { IsOfCaller = true };
    }

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, string)"/>
    public static Release Read(ReadOnlyMemory<byte> file)
    {
        var json = PackageSeal.ReadRelease(file) ?? throw new MlOpsException(
            "The file is a model package, and not a release of one: it does not say which version of which endpoint it is.",
            "Release a version with a deployment target, for example ToFolder.") { IsOfCaller = true };
        var contentHash = PackageFile.ReadContentHash(file);
        var release = PackageFile.Reading(() => PackageFile.FromJson(json, ReleaseJson.Default.Release));
        if (release.Format > Release.CurrentFormat)
        {
            throw new MlOpsException(
                $"The release has format {release.Format}, and this version of the library reads up to {Release.CurrentFormat}.",
                "Update MlOps.Sdk.");
        }
        if (FindMistake(release, contentHash) is { } mistake) throw PackageFile.Damaged(mistake);
        return release;
    }

    private static string? FindMistake(Release release, string contentHash)
    {
        if (release.Format < 1) return $"the format of its release is {release.Format}";
        if (!ModelName.IsValid(release.Endpoint)) return "its release has no valid name of an endpoint";
        if (release.Version < 1) return $"its release has the version {release.Version}";
        if (release.ContentHash != contentHash) return "its release is one of another package";
        if (release.PromotedAt.Offset != TimeSpan.Zero || release.BlessedAt.Offset != TimeSpan.Zero)
        {
            return "a time of its release is not in UTC";
        }
        if (string.IsNullOrWhiteSpace(release.BlessedBy)) return "its release does not say who blessed it";
        if (release.Gates.Any(gate => gate is null)) return "a gate of its release is missing";
        return release.Gates.Count == 0 || release.Gates.Any(gate => gate.Outcome == GateOutcome.Failed)
            ? "its release is not blessed: no gate judged it, or one failed"
            : null;
    }
}
