using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Deployment;

/// <summary>Hands releases to other processes through a folder. Thread-safe.</summary>
internal sealed class ReleaseFolderTarget : IDeploymentTarget
{
    private readonly string _folder;

    [NotInFingerprint]
    private readonly OutgoingReleases _releases;

    [NotInFingerprint]
    private readonly TimeProvider _time;

    public ReleaseFolderTarget(string folder, OutgoingReleases releases, TimeProvider time) =>
        (_folder, _releases, _time) = (folder, releases, time);

    public string Name => $"folder {_folder}";

    public TargetCapabilities Capabilities { get; } = new();

    public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(desired);
        desired.RequireBlessed();
        var folder = ReleaseFolder.Require(_folder, desired.Endpoint);
        using var turn = await folder.LockAsync(_time, cancellationToken).ConfigureAwait(false);
        var before = folder.ReadCurrent();
        var file = before is null ? null : await folder.ReadAsync(before, cancellationToken).ConfigureAwait(false);
        if (file is not null && _releases.Is(file, desired))
        {
            folder.RemoveAllBut(before);
            return;
        }
        RequireNotOlder(desired, file is null ? null : _releases.TryRead(file, desired.Endpoint));
        var release = await folder.AddAsync(_releases.Write(desired), desired, cancellationToken).ConfigureAwait(false);
        _releases.Prove(await folder.ReadAsync(release, cancellationToken).ConfigureAwait(false), desired);
        await folder.SetCurrentAsync(release, cancellationToken).ConfigureAwait(false);

        // Whoever has just read what was current before may be about to open that file.
        folder.RemoveAllBut(release, before);
    }

    /// <summary>
    /// What a process would take up that follows the folder: what is damaged, was changed, or is signed by another key than the one in use,
    /// counts as nothing.
    /// </summary>
    public async ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        if (ReleaseFolder.Find(_folder, endpoint) is { } folder
            && folder.ReadCurrent() is { } current
            && await folder.ReadAsync(current, cancellationToken).ConfigureAwait(false) is { } file
            && _releases.TryRead(file, endpoint) is { } release)
        {
            return new ObservedDeployment(endpoint, release.Version, release.ContentHash);
        }
        return new ObservedDeployment(endpoint, null, null);
    }

    /// <summary>
    /// Rejects what went live before what is there. Of several hosts, one may still bring what another has replaced; whoever follows the
    /// folder would reject it as old.
    /// </summary>
    /// <exception cref="MlOpsException">It did.</exception>
    public static void RequireNotOlder(DesiredDeployment desired, Release? there)
    {
        if (there is null || there.PromotedAt <= desired.PromotedAt) return;
        throw new MlOpsException(
            FormattableString.Invariant(
                $"The folder has version {there.Version} of '{desired.Endpoint}', which went live on {there.PromotedAt:u}, later than ") +
                FormattableString.Invariant($"version {desired.Model.Version.Version} on {desired.PromotedAt:u}."),
            "If the workspace was restored from a backup, roll back or run the lifecycle, which makes a new release.");
    }
}
