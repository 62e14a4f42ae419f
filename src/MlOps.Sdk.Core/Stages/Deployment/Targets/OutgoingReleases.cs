using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Writes what leaves the workspace, and proves what has arrived: by the key in use, and by the golden rows. Thread-safe.
/// </summary>
internal sealed class OutgoingReleases
{
    private readonly PackageSigner? _signer;
    private readonly PackageTrust? _own;
    private readonly FormatReaders _readers;

    public OutgoingReleases(PackageSigner? signer, FormatReaders readers)
    {
        _signer = signer;
        _own = signer is null ? null : new PackageTrust(signer.PublicKey);

        // What was received from elsewhere leaves with the signature of this workspace.
        _readers = readers.Copy();
        _readers.Verify = _own is { } own ? package => own.Require(package) : null;
    }

    /// <summary>Makes what a program reads that has no plug-ins; <see langword="null"/> for the same as here.</summary>
    public Func<FormatReaders>? OfTheLibrary { get; init; }

    /// <summary>The key that verifies what is written, as PEM; <see langword="null"/> where nobody signs.</summary>
    public string? PublicKey => _signer?.PublicKey;

    /// <summary>Writes the release of what a target is to serve.</summary>
    /// <exception cref="MlOpsException">Nobody signs, or the package is damaged or not the blessed one.</exception>
    public byte[] Write(DesiredDeployment desired) => _signer is { } signer
        ? ReleaseFile.Write(desired, signer)
        : throw Unsigned($"Version {desired.Model.Version.Version} of '{desired.Endpoint}'");

    /// <summary>The error for what should leave the workspace, and has no signature.</summary>
    /// <param name="what">What should leave, at the beginning of a sentence.</param>
    public static MlOpsException Unsigned(string what) => new(
        $"{what} cannot leave this workspace: nobody signs it, and where releases are taken up, only signed ones are.",
        "Set WorkspaceOptions.Signer, for example to PackageSigner.FromEnvironment(…); in a host, register PackageSigner in the " +
            "container.");

    /// <summary>
    /// Whether a file is the release of what is to be served, whole, and signed by the key in use. Its model is not loaded.
    /// </summary>
    public bool Is(ReadOnlyMemory<byte> file, DesiredDeployment desired) =>
        TryRead(file, desired.Endpoint) is { } release
        && release.Version == desired.Model.Version.Version
        && release.ContentHash == desired.Model.Version.ContentHash
        && release.PromotedAt == desired.PromotedAt;

    /// <summary>Reads a release of the key in use; <see langword="null"/> for anything else.</summary>
    public Release? TryRead(ReadOnlyMemory<byte> file, string endpoint)
    {
        try
        {
            _own?.Require(file);
            return _own is null ? null : ReleaseFile.Read(file, endpoint);
        }
        catch (MlOpsException)
        {
            return null;
        }
    }

    /// <summary>Makes sure that what was read back loads, and answers its golden rows as it did.</summary>
    /// <exception cref="MlOpsException">It does not.</exception>
    public void Prove(ReadOnlyMemory<byte> file, DesiredDeployment desired)
    {
        if (!Is(file, desired))
        {
            throw new MlOpsException(
                $"What was read back of version {desired.Model.Version.Version} of '{desired.Endpoint}' is not what was written. " +
                    "The release before stays.",
                "Check the disk, and whether another program writes to the folder.");
        }
        InProcessTarget.Prove(desired with { Package = file }, _readers).Dispose();
    }

    /// <summary>Makes sure that a program without plug-ins can read what is to be served.</summary>
    /// <exception cref="MlOpsException">It has no reader for a part of the package, or the package is damaged.</exception>
    public void RequireReadableWithoutPlugins(DesiredDeployment desired)
    {
        if (OfTheLibrary?.Invoke() is not { } readers) return;
        try
        {
            PackageFile.Read(desired.Package, readers).Dispose();
        }
        catch (MlOpsException e) when (readers.Missing is not null)
        {
            var (what, format) = readers.Missing!;
            var reader = _readers.FindAssembly(what, format) is { } assembly
                ? $"the reader is of the assembly '{assembly}'"
                : "it is not registered here either";
            throw new MlOpsException(
                $"Version {desired.Model.Version.Version} of '{desired.Endpoint}' cannot be served by the program of a container " +
                    $"context: it needs a reader of the format '{PackageFile.Shown(format)}' ({what.Name}), and the program has those " +
                    $"of MlOps.Sdk and MlOps.Sdk.MicrosoftML alone; {reader}.",
                "Serve it by a program of your own, which adds the reader with AddReader and takes releases up with FollowReleases " +
                    "(ToFolder) or MapModels (ToHttp), and take ToContainerContext off the lifecycle.",
                e);
        }
    }
}
