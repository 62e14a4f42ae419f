using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Takes up the versions of an archive, each in one write. What was deleted, here or there, is not registered. Used once.
/// </summary>
internal sealed class VersionImport(ImportContext context)
{
    private readonly Dictionary<(string Model, int From), PlacedVersion> _places = [];
    private readonly List<ImportedVersion> _added = [];
    private readonly List<DeletedVersion> _deleted = [];

    /// <summary>The versions that were added.</summary>
    public IReadOnlyList<ImportedVersion> Added => _added;

    /// <summary>How many were there already.</summary>
    public int Known { get; private set; }

    /// <summary>Those that were deleted in the other workspace.</summary>
    public IReadOnlyList<DeletedVersion> Deleted => _deleted;

    /// <summary>Where a version of the archive is here; <see langword="null"/> when it is not, or is deleted.</summary>
    public PlacedVersion? Find(string model, int from) => _places.GetValueOrDefault((model, from));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var numbers = new Dictionary<string, HashSet<int>>(StringComparer.Ordinal);
        await foreach (var version in context.Archive.VersionLinesAsync(cancellationToken).ConfigureAwait(false))
        {
            var here = await context.Workspace.Models.ListAllAsync(version.Model, cancellationToken).ConfigureAwait(false);
            var same = here.Where(each => each.ContentHash == version.ContentHash)
                .OrderBy(each => each.Deletion is not null)
                .ThenBy(each => each.RunId != version.RunId)
                .ThenBy(each => each.Version)
                .FirstOrDefault();
            var subject = RegistryRecords.SubjectOf(version.Model, version.Version);
            if (version.Deletion is { } deletion)
            {
                _deleted.Add(new DeletedVersion(
                    version.Model,
                    version.Version,
                    new VersionDeletion(Ticks.ToTime(deletion.At), deletion.Actor, deletion.Reason)));
                if (same is { Deletion: null }) context.Report(subject, $"It was deleted there, and stays here as version {same.Version}.");
                continue;
            }
            if (same is { Deletion: { } gone })
            {
                context.Report(
                    subject,
                    $"It was deleted here as version {same.Version} by {gone.Actor} at {gone.At:u}, and was not registered again.");
                continue;
            }
            if (same is not null)
            {
                Known++;
                _places[(version.Model, version.Version)] = new PlacedVersion(same.Version, version.Description);
                continue;
            }
            if (!numbers.TryGetValue(version.Model, out var taken)) numbers[version.Model] = taken = [];
            taken.UnionWith(here.Select(each => each.Version));
            if (await ReadPackageAsync(version, cancellationToken).ConfigureAwait(false) is not { } package) continue;
            int? own = taken.Contains(version.Version) ? null : version.Version;
            var number = context.IsDryRun
                ? own ?? taken.Max() + 1
                : await RegisterAsync(version, own, package, cancellationToken).ConfigureAwait(false);
            taken.Add(number);
            _added.Add(new ImportedVersion(version.Model, version.Version, number));
            _places[(version.Model, version.Version)] = new PlacedVersion(number, version.Description);
        }
    }

    private async Task<byte[]?> ReadPackageAsync(ArchivedVersion version, CancellationToken cancellationToken)
    {
        var subject = RegistryRecords.SubjectOf(version.Model, version.Version);
        var id = ArtifactId.Parse(version.Package);
        var isHere = await context.Workspace.Files.ExistsAsync(id, cancellationToken).ConfigureAwait(false);
        if (!isHere && !context.Archive.Has(id))
        {
            context.Report(subject, "Its package is neither in the archive nor here, so that it was not registered.");
            return null;
        }
        using var bytes = new MemoryStream();
        var content = isHere
            ? await context.Workspace.Files.OpenAsync(id, cancellationToken).ConfigureAwait(false)
            : await context.Archive.OpenAsync(id, cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            await content.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        var package = bytes.ToArray();
        string problem;
        try
        {
            if (PackageFile.ReadContentHash(package) == version.ContentHash)
            {
                if (!isHere) context.Added.Add(id);
                return package;
            }
            problem = "Its package has another content hash than its record, so that it was not registered.";
        }
        catch (MlOpsException e)
        {
            problem = e.Problem;
        }
        context.Report(subject, problem);
        return null;
    }

    private async Task<int> RegisterAsync(ArchivedVersion version, int? number, byte[] package, CancellationToken cancellationToken)
    {
        var request = new NewModelVersion(
            version.Model,
            ArtifactId.Parse(version.Package),
            version.ContentHash,
            version.RunId,
            RegistryJson.ReadMetrics(version.Metrics),
            version.Description)
        {
            Version = number,
            RegistrarId = context.Workspace.Acting.Person.EnteredId,
            Package = package,
            Origin = FormattableString.Invariant($"{context.Archive.Manifest.Workspace}/{version.Model}/{version.Version}"),
        };
        var actor = context.Workspace.Acting.Name;
        try
        {
            return (await context.Workspace.Models.RegisterAsync(request, actor, cancellationToken).ConfigureAwait(false)).Version;
        }
        catch (MlOpsException e) when (e.IsOfCaller && number is not null)
        {
            // Another process took the number meanwhile.
            var next = await context.Workspace.Models.RegisterAsync(request with { Version = null }, actor, cancellationToken)
                .ConfigureAwait(false);
            return next.Version;
        }
    }
}
