using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Takes up an archive: each run in one write, each version in one write. What is there already is compared and left as it is. Used once.
/// </summary>
internal sealed class ArchiveImport
{
    private const string AuditOwnerKind = "imported-audit";
    private const string Imported = "workspace.imported";

    private readonly ImportContext _context;
    private readonly Workspace _workspace;
    private readonly ArchiveReader _archive;
    private readonly RunImport _runs;
    private readonly VersionImport _versions;
    private readonly CatalogImport _catalog;
    private long _audit;
    private string? _auditProblem;

    private ArchiveImport(ImportContext context)
    {
        (_context, _workspace, _archive) = (context, context.Workspace, context.Archive);
        (_runs, _versions) = (new RunImport(context), new VersionImport(context));
        _catalog = new CatalogImport(context, _versions);
    }

    public static async Task<ImportReport> RunAsync(
        Workspace workspace, Stream stream, bool dryRun, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var count = new TransferCount(progress, stream.Length, 0);
        var archive = await ArchiveReader.OpenAsync(stream, bytes => count.Add(bytes), cancellationToken).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false))
        {
            var import = new ArchiveImport(new ImportContext(workspace, archive, dryRun));
            await import.CheckAsync(cancellationToken).ConfigureAwait(false);
            if (!dryRun) await import.NoteAsync(cancellationToken).ConfigureAwait(false);
            await import._runs.RunAsync(() => count.Add(0, 1), cancellationToken).ConfigureAwait(false);
            await import._versions.RunAsync(cancellationToken).ConfigureAwait(false);
            await import._catalog.RunAsync(cancellationToken).ConfigureAwait(false);
            return import.Report();
        }
    }

    // Before anything is written, every line is one that can be.
    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var rules = new RunLineRules();
        await foreach (var line in _archive.RunLinesAsync(cancellationToken).ConfigureAwait(false)) rules.Check(line);
        await CheckModelsAsync(cancellationToken).ConfigureAwait(false);
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

    private async Task CheckModelsAsync(CancellationToken cancellationToken)
    {
        var (models, versions) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<(string, int)>());
        await foreach (var version in _archive.VersionLinesAsync(cancellationToken).ConfigureAwait(false))
        {
            ArchiveRules.Check(version);
            models.Add(version.Model);
            if (!versions.Add((version.Model, version.Version)))
            {
                throw ArchiveReader.Damaged($"version {version.Version} of '{version.Model}' appears twice");
            }
        }
        var said = new HashSet<(string, int, string, string)>();
        await foreach (var entry in _archive.CatalogLinesAsync(cancellationToken).ConfigureAwait(false))
        {
            ArchiveRules.Check(entry);
            var isKnown = entry.Version == 0 ? models.Contains(entry.Model) : versions.Contains((entry.Model, entry.Version));
            if (!isKnown) throw ArchiveReader.Damaged($"it says something of a version of '{entry.Model}' that it does not have");
            if (!said.Add((entry.Model, entry.Version, entry.Property, entry.Name)))
            {
                throw ArchiveReader.Damaged($"it says something of '{entry.Model}' twice");
            }
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
                (id, end) => _context.References.KeepAsync(RunArtifacts.OwnerKind, owner, [id], end),
                cancellationToken).ConfigureAwait(false);
            return (put.Id, owner);
        }
    }

    private ImportReport Report() => new()
    {
        IsDryRun = _context.IsDryRun,
        SourceWorkspace = _archive.Manifest.Workspace,
        ManifestHash = _archive.ManifestHash,
        RunsAdded = _runs.Added,
        RunsKnown = _runs.Known,
        RunsCompleted = _runs.Completed,
        TagsAndNotesAdded = _runs.TagsAndNotes,
        Versions = _versions.Added,
        VersionsKnown = _versions.Known,
        VersionsDeleted = _versions.Deleted,
        ModelChangesAdded = _catalog.Added,
        ArtifactsAdded = _context.Added.Count,
        AuditEntries = _audit,
        AuditProblem = _auditProblem,
        Conflicts = _context.Conflicts,
    };
}
