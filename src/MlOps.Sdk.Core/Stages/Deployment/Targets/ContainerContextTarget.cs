using System.Text;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>Writes what <c>docker build</c> needs for a server of a version. Thread-safe.</summary>
internal sealed class ContainerContextTarget : IDeploymentTarget
{
    private readonly string _folder;

    [NotInFingerprint]
    private readonly OutgoingReleases _releases;

    [NotInFingerprint]
    private readonly TimeProvider _time;

    [NotInFingerprint]
    private readonly string? _packages;

    [NotInFingerprint]
    private readonly NuGetCache _cache;

    /// <summary>Writes contexts below a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="releases">What leaves the workspace.</param>
    /// <param name="time">The clock.</param>
    /// <param name="packages">A folder with the packages of this library.</param>
    /// <param name="cache">What NuGet knows here; <see langword="null"/> for what it knows of this user.</param>
    public ContainerContextTarget(
        string folder, OutgoingReleases releases, TimeProvider time, string? packages = null, NuGetCache? cache = null) =>
        (_folder, _releases, _time, _packages, _cache) = (folder, releases, time, packages, cache ?? NuGetCache.OfThisUser());

    public string Name => $"container context {_folder}";

    public TargetCapabilities Capabilities { get; } = new();

    public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(desired);
        desired.RequireBlessed();
        var folder = ReleaseFolder.Require(_folder, desired.Endpoint, "container contexts");
        using var turn = await folder.LockAsync(_time, cancellationToken).ConfigureAwait(false);
        var contexts = new ContainerContext(Path.Combine(_folder, desired.Endpoint));
        try
        {
            await ApplyAsync(contexts, desired, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The container context of '{desired.Endpoint}' cannot be written: {e.Message} The one before stays.",
                "Check the free space and the permissions of the folder, and whether it is mounted.",
                e) { DataSource = _folder };
        }
    }

    /// <summary>
    /// The version of the context that <c>current</c> names: one with a file that is missing, changed or added, that another key signed, or
    /// that another version of the library wrote, counts as nothing.
    /// </summary>
    public async ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        if (ReleaseFolder.Find(_folder, endpoint) is not null)
        {
            var contexts = new ContainerContext(Path.Combine(_folder, endpoint));
            if (contexts.ReadCurrent() is { } current
                && await ReadAsync(contexts, current, endpoint, cancellationToken).ConfigureAwait(false) is { } release
                && IsWhole(contexts, current, release, ProgramPackages.Find(_packages, _cache)))
            {
                return new ObservedDeployment(endpoint, release.Version, release.ContentHash);
            }
        }

        return new ObservedDeployment(endpoint, null, null);
    }

    private async Task ApplyAsync(ContainerContext contexts, DesiredDeployment desired, CancellationToken cancellationToken)
    {
        var version = desired.Model.Version;
        var packages = ProgramPackages.Find(_packages, _cache);
        var before = contexts.ReadCurrent();
        var there = before is null ? null : await ReadAsync(contexts, before, desired.Endpoint, cancellationToken).ConfigureAwait(false);
        if (there is not null
            && (there.Version, there.ContentHash, there.PromotedAt) == (version.Version, version.ContentHash, desired.PromotedAt)
            && IsWhole(contexts, before!, there, packages))
        {
            contexts.RemoveAllBut(before);
            return;
        }
        ReleaseFolderTarget.RequireNotOlder(desired, there);
        _releases.RequireReadableWithoutPlugins(desired);
        contexts.RemoveAllBut(before);
        var partial = await WriteAsync(contexts, desired, packages, cancellationToken).ConfigureAwait(false);
        var name = contexts.Complete(partial, version.Version);
        if (await ReadAsync(contexts, name, desired.Endpoint, cancellationToken).ConfigureAwait(false) is not { } release
            || !IsWhole(contexts, name, release, packages))
        {
            throw new MlOpsException(
                $"What was read back of the container context of '{desired.Endpoint}' is not what was written. The one before stays.",
                "Check the disk, and whether another program writes to the folder.") { DataSource = _folder };
        }

        cancellationToken.ThrowIfCancellationRequested();
        contexts.SetCurrent(name);

        // Whoever has just read what was current before may be building it.
        contexts.RemoveAllBut(name, before);
    }

    // The release is written, read back and held to its golden rows as in a folder that hosts follow.
    private async Task<string> WriteAsync(
        ContainerContext contexts, DesiredDeployment desired, ProgramPackages packages, CancellationToken cancellationToken)
    {
        var partial = contexts.Begin();
        try
        {
            var releases = Path.Combine(partial, ContainerContext.ReleasesName);
            PrivateFiles.CreateFolder(releases);
            await new ReleaseFolderTarget(releases, _releases, _time).ApplyAsync(desired, cancellationToken).ConfigureAwait(false);
            var folder = ReleaseFolder.Require(releases, desired.Endpoint);
            folder.RemoveLock();
            var release = await ReadAsync(contexts, Path.GetFileName(partial), desired.Endpoint, cancellationToken).ConfigureAwait(false)
                ?? throw new IOException("The release cannot be read back.");
            foreach (var (file, text) in ContainerProgram.FilesOf(release, _releases.PublicKey!, packages))
            {
                ContainerContext.Write(Path.Combine(partial, file), Encoding.UTF8.GetBytes(text));
            }

            if (packages.Carried.Count > 0) PrivateFiles.CreateFolder(Path.Combine(partial, ProgramPackages.FolderName));
            foreach (var path in packages.Carried)
            {
                var bytes = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
                ContainerContext.Write(ContainerContext.PackagePath(partial, path), bytes);
            }

            ContainerContext.Write(
                Path.Combine(partial, BillOfMaterials.FileName),
                BillOfMaterials.Write(release, folder.ReadCurrent()!.Sha256, packages.All));
            return partial;
        }
        catch
        {
            contexts.RemoveAllBut(contexts.ReadCurrent());
            throw;
        }
    }

    private async Task<Release?> ReadAsync(
        ContainerContext contexts, string name, string endpoint, CancellationToken cancellationToken)
    {
        var folder = ReleaseFolder.Require(Path.Combine(contexts.PathOf(name), ContainerContext.ReleasesName), endpoint);
        return folder.ReadCurrent() is { } current
            && await folder.ReadAsync(current, cancellationToken).ConfigureAwait(false) is { } file
                ? _releases.TryRead(file, endpoint)
                : null;
    }

    // The hash finds every change; and who changes a file and its hash cannot make the program another one.
    private bool IsWhole(ContainerContext contexts, string name, Release release, ProgramPackages packages) =>
        contexts.IsWhole(name, ContainerProgram.FilesOf(release, _releases.PublicKey!, packages), packages.Carried);
}
