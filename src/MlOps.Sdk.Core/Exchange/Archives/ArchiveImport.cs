using MlOps.Sdk.Audit;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Takes up an archive: each run in one write, each version in one write. What is there already is compared and left as it is. Used once.
/// </summary>
internal sealed class ArchiveImport
{
    private const string AuditOwnerKind = "imported-audit";
    private const string Imported = "workspace.imported";

    private readonly Workspace _workspace;
    private readonly ArchiveReader _archive;
    private readonly bool _dryRun;
    private readonly ArtifactReferences _references;
    private readonly List<ImportConflict> _conflicts = [];
    private readonly List<ImportedVersion> _versions = [];
    private readonly HashSet<ArtifactId> _added = [];
    private int _runsAdded;
    private int _runsKnown;
    private int _tagsAndNotes;
    private int _versionsKnown;
    private long _audit;
    private string? _auditProblem;

    private ArchiveImport(Workspace workspace, ArchiveReader archive, bool dryRun)
    {
        (_workspace, _archive, _dryRun) = (workspace, archive, dryRun);
        _references = new ArtifactReferences(workspace.Store);
    }

    public static async Task<ImportReport> RunAsync(
        Workspace workspace, Stream stream, bool dryRun, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var count = new TransferCount(progress, stream.Length, 0);
        var archive = await ArchiveReader.OpenAsync(stream, bytes => count.Add(bytes), cancellationToken).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false))
        {
            var import = new ArchiveImport(workspace, archive, dryRun);
            await import.CheckAsync(cancellationToken).ConfigureAwait(false);
            if (!dryRun) await import.NoteAsync(cancellationToken).ConfigureAwait(false);
            await import.RunsAsync(() => count.Add(0, 1), cancellationToken).ConfigureAwait(false);
            await import.VersionsAsync(cancellationToken).ConfigureAwait(false);
            return import.Report();
        }
    }

    // Before anything is written, every line is one that can be.
    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var hasRun = false;
        await foreach (var line in LinesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (line is { Run: { } run, Points: null }) ArchiveRules.Check(run);
            else if (hasRun && line is { Points: { } points, Run: null }) ArchiveRules.Check(points);
            else throw ArchiveReader.Damaged("a line of the runs is neither a run nor one of its metrics");
            hasRun = true;
        }
        await foreach (var version in _archive.LinesAsync(ArchiveManifest.Versions, ArchiveJson.Default.ArchivedVersion, cancellationToken)
            .ConfigureAwait(false))
        {
            ArchiveRules.Check(version);
        }
        AuditRow? before = null;
        await foreach (var entry in _archive.LinesAsync(ArchiveManifest.Audit, ArchiveJson.Default.ArchivedAudit, cancellationToken)
            .ConfigureAwait(false))
        {
            ArchiveRules.Check(entry);
            var row = new AuditRow
            {
                Sequence = entry.Sequence,
                At = entry.At,
                Actor = entry.Actor,
                Action = entry.Action,
                Subject = entry.Subject,
                Details = entry.Details,
                Hash = entry.Hash,
            };
            _auditProblem ??= AuditChainReading.FindProblem(row, entry.Previous, before);
            _audit++;
            if (_archive.Manifest.IsWholeAudit && row.Sequence != _audit) _auditProblem ??= $"Entry {_audit} is missing.";
            before = row;
        }
    }

    // Once for an archive, and first: whatever of it is here, the log says where it is from.
    private async Task NoteAsync(CancellationToken cancellationToken)
    {
        var subject = $"workspace:{_archive.Manifest.Workspace}";
        await foreach (var entry in _workspace.Audit.ReadAsync(0, subject, cancellationToken).ConfigureAwait(false))
        {
            if (entry.Action == Imported
                && StorageJson.ReadFields(entry.Details).GetValueOrDefault("archive") == _archive.ManifestHash) return;
        }

        var evidence = await PutAuditAsync(cancellationToken).ConfigureAwait(false);
        var actor = _workspace.Acting.Name;
        await _workspace.Store.WriteAsync(
            connection =>
            {
                if (evidence is var (id, owner))
                {
                    ArtifactRefTable.Add(connection, AuditOwnerKind, _archive.ManifestHash, [id]);
                    ArtifactRefTable.Remove(connection, RunArtifacts.OwnerKind, owner);
                }
                AuditLog.Append(
                    connection, _workspace.Time, actor, Imported, subject,
                    StorageJson.WriteFields(
                        ("archive", _archive.ManifestHash),
                        ("exportedAt", _archive.Manifest.CreatedAt.UtcDateTime.ToString("O")),
                        ("audit", evidence?.Id.Hex),
                        ("auditEntries", FormattableString.Invariant($"{_audit}")),
                        ("auditProblem", _auditProblem)));
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<(ArtifactId Id, string Owner)?> PutAuditAsync(CancellationToken cancellationToken)
    {
        if (_audit == 0) return null;
        var owner = PassingReference.Next(_workspace.Time);
        var entries = await _archive.OpenAsync(ArchiveManifest.Audit, cancellationToken).ConfigureAwait(false);
        await using (entries.ConfigureAwait(false))
        {
            var put = await _workspace.Files.PutAsync(
                entries,
                (id, end) => _references.KeepAsync(RunArtifacts.OwnerKind, owner, [id], end),
                cancellationToken).ConfigureAwait(false);
            return (put.Id, owner);
        }
    }

    private async Task RunsAsync(Action done, CancellationToken cancellationToken)
    {
        ArchivedRun? run = null;
        var metrics = new List<MetricRow>();
        await foreach (var line in LinesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (line.Points is { } points)
            {
                for (var i = 0; i < points.Steps.Length; i++)
                {
                    metrics.Add(new MetricRow { Name = points.Name, Step = points.Steps[i], Value = points.Values[i], At = points.At[i] });
                }
                continue;
            }
            await EndAsync().ConfigureAwait(false);
            (run, metrics) = (line.Run, []);
        }
        await EndAsync().ConfigureAwait(false);

        async Task EndAsync()
        {
            if (run is null) return;
            await AddAsync(run, metrics, cancellationToken).ConfigureAwait(false);
            done();
        }
    }

    private async Task AddAsync(ArchivedRun run, IReadOnlyList<MetricRow> metrics, CancellationToken cancellationToken)
    {
        if (await IsThereAsync(run.Id, cancellationToken).ConfigureAwait(false))
        {
            await CompareAsync(run, metrics, cancellationToken).ConfigureAwait(false);
            return;
        }
        ArtifactId[] ids = [.. RunArchiving.Artifacts(run)];
        if (_dryRun)
        {
            foreach (var id in ids)
            {
                if (_archive.Has(id) && !await _workspace.Files.ExistsAsync(id, cancellationToken).ConfigureAwait(false)) _added.Add(id);
            }
            _runsAdded++;
            return;
        }

        var owner = PassingReference.Next(_workspace.Time);
        var isAdded = false;
        await _references.KeepAsync(RunArtifacts.OwnerKind, owner, ids, cancellationToken).ConfigureAwait(false);
        try
        {
            var there = await PutAsync(ids, cancellationToken).ConfigureAwait(false);
            isAdded = await _workspace.Store.WriteAsync(
                connection =>
                {
                    if (RunTable.NumberOf(connection, run.Id) is not null) return false;
                    RunArchiving.Insert(connection, run, metrics, there.Contains);
                    ArtifactRefTable.Remove(connection, RunArtifacts.OwnerKind, owner);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isAdded)
            {
                await _references.ReleaseAsync(RunArtifacts.OwnerKind, owner, CancellationToken.None).ConfigureAwait(false);
            }
        }
        if (isAdded) _runsAdded++;
        else await CompareAsync(run, metrics, cancellationToken).ConfigureAwait(false);
    }

    private Task<bool> IsThereAsync(string run, CancellationToken cancellationToken) => _workspace.Store.ReadAsync(
        connection => RunTable.NumberOf(connection, run) is not null, cancellationToken);

    /// <returns>Those that are there now: what a run released before is not in its archive.</returns>
    private async Task<HashSet<ArtifactId>> PutAsync(IReadOnlyList<ArtifactId> ids, CancellationToken cancellationToken)
    {
        var there = new HashSet<ArtifactId>();
        foreach (var id in ids)
        {
            if (!await _workspace.Files.ExistsAsync(id, cancellationToken).ConfigureAwait(false))
            {
                if (!_archive.Has(id)) continue;
                var content = await _archive.OpenAsync(id, cancellationToken).ConfigureAwait(false);
                await using (content.ConfigureAwait(false))
                {
                    await _workspace.Files.PutAsync(content, cancellationToken).ConfigureAwait(false);
                }
                _added.Add(id);
            }
            there.Add(id);
        }

        return there;
    }

    private async Task CompareAsync(ArchivedRun run, IReadOnlyList<MetricRow> metrics, CancellationToken cancellationToken)
    {
        var subject = $"run:{run.Id}";
        var known = await _workspace.Store.ReadAsync(
            connection => RunArchiving.Read(connection, run.Id, _workspace.Time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        if (known is not var (here, series))
        {
            _conflicts.Add(new ImportConflict(subject, "The run is in progress in this workspace."));
            return;
        }
        if (RunArchiving.ContentOf(here, series) != RunArchiving.ContentOf(run, metrics))
        {
            _conflicts.Add(
                new ImportConflict(subject, $"A run of this id is here already, and has other content: {Differing(here, run)}."));
            return;
        }

        _runsKnown++;
        KeyValuePair<string, string>[] tags = [.. run.Tags.Where(tag => !here.Tags.ContainsKey(tag.Key))];
        ArchivedNote[] notes = [.. run.Notes.Except(here.Notes)];
        foreach (var (name, value) in run.Tags)
        {
            if (here.Tags.TryGetValue(name, out var own) && own != value)
            {
                _conflicts.Add(new ImportConflict(
                    subject, $"The tag '{PackageFile.Shown(name)}' has another value here, which was left as it is."));
            }
        }
        _tagsAndNotes += tags.Length + notes.Length;
        if (_dryRun || tags.Length + notes.Length == 0) return;
        await _workspace.Store.WriteAsync(
            connection =>
            {
                if (RunTable.NumberOf(connection, run.Id) is not { } no) return;
                foreach (var (name, value) in tags) ExperimentTable.SetTag(connection, no, name, value);
                RunTransferTable.AddNotes(connection, no, notes.Select(RunArchiving.ToRow));
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static string Differing(ArchivedRun here, ArchivedRun other)
    {
        string[] parts =
        [
            .. new (string Name, bool Differs)[]
            {
                ("name", here.Lifecycle != other.Lifecycle),
                ("state", here.State != other.State),
                ("parameters", here.Parameters.Count != other.Parameters.Count || here.Parameters.Except(other.Parameters).Any()),
                ("artifacts", !here.Artifacts.ToHashSet().SetEquals(other.Artifacts)),
                ("datasets", !here.Datasets.ToHashSet().SetEquals(other.Datasets)),
            }.Where(part => part.Differs).Select(part => part.Name),
        ];
        return parts.Length > 0 ? string.Join(", ", parts) : "metrics, stages or facts";
    }

    private async Task VersionsAsync(CancellationToken cancellationToken)
    {
        var numbers = new Dictionary<string, HashSet<int>>(StringComparer.Ordinal);
        await foreach (var version in _archive.LinesAsync(ArchiveManifest.Versions, ArchiveJson.Default.ArchivedVersion, cancellationToken)
            .ConfigureAwait(false))
        {
            var here = await _workspace.Models.ListAsync(version.Model, cancellationToken).ConfigureAwait(false);
            if (here.Any(each => each.ContentHash == version.ContentHash))
            {
                _versionsKnown++;
                continue;
            }
            if (!numbers.TryGetValue(version.Model, out var taken)) numbers[version.Model] = taken = [];
            taken.UnionWith(here.Select(each => each.Version));
            if (await ReadPackageAsync(version, cancellationToken).ConfigureAwait(false) is not { } package) continue;
            int? own = taken.Contains(version.Version) ? null : version.Version;
            var number = _dryRun
                ? own ?? taken.Max() + 1
                : await RegisterAsync(version, own, package, cancellationToken).ConfigureAwait(false);
            taken.Add(number);
            _versions.Add(new ImportedVersion(version.Model, version.Version, number));
        }
    }

    private async Task<byte[]?> ReadPackageAsync(ArchivedVersion version, CancellationToken cancellationToken)
    {
        var subject = RegistryRecords.SubjectOf(version.Model, version.Version);
        var id = ArtifactId.Parse(version.Package);
        var isHere = await _workspace.Files.ExistsAsync(id, cancellationToken).ConfigureAwait(false);
        if (!isHere && !_archive.Has(id))
        {
            _conflicts.Add(new ImportConflict(subject, "Its package is neither in the archive nor here, so that it was not registered."));
            return null;
        }
        using var bytes = new MemoryStream();
        var content = isHere
            ? await _workspace.Files.OpenAsync(id, cancellationToken).ConfigureAwait(false)
            : await _archive.OpenAsync(id, cancellationToken).ConfigureAwait(false);
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
                if (!isHere) _added.Add(id);
                return package;
            }
            problem = "Its package has another content hash than its record, so that it was not registered.";
        }
        catch (MlOpsException e)
        {
            problem = e.Problem;
        }
        _conflicts.Add(new ImportConflict(subject, problem));
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
            Package = package,
            Origin = FormattableString.Invariant($"{_archive.Manifest.Workspace}/{version.Model}/{version.Version}"),
        };
        var actor = _workspace.Acting.Name;
        try
        {
            return (await _workspace.Models.RegisterAsync(request, actor, cancellationToken).ConfigureAwait(false)).Version;
        }
        catch (MlOpsException e) when (e.IsOfCaller && number is not null)
        {
            // Another process took the number meanwhile.
            return (await _workspace.Models.RegisterAsync(request with { Version = null }, actor, cancellationToken).ConfigureAwait(false))
                .Version;
        }
    }

    private IAsyncEnumerable<ArchiveLine> LinesAsync(CancellationToken cancellationToken) =>
        _archive.LinesAsync(ArchiveManifest.Runs, ArchiveJson.Default.ArchiveLine, cancellationToken);

    private ImportReport Report() => new()
    {
        IsDryRun = _dryRun,
        SourceWorkspace = _archive.Manifest.Workspace,
        ManifestHash = _archive.ManifestHash,
        RunsAdded = _runsAdded,
        RunsKnown = _runsKnown,
        TagsAndNotesAdded = _tagsAndNotes,
        Versions = _versions,
        VersionsKnown = _versionsKnown,
        ArtifactsAdded = _added.Count,
        AuditEntries = _audit,
        AuditProblem = _auditProblem,
        Conflicts = _conflicts,
    };
}
