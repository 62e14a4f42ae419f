using MlOps.Sdk.Audit;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Takes up what people said of models and versions elsewhere, a model in one write. What was said or taken back here stays. Used once.
/// </summary>
internal sealed class CatalogImport(ImportContext context, VersionImport versions)
{
    /// <summary>How many tags, descriptions and archivings were added.</summary>
    public int Added { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var entries = new List<ArchivedCatalogEntry>();
        await foreach (var entry in context.Archive.CatalogLinesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (entries.Count > 0 && entries[0].Model != entry.Model)
            {
                await MergeAsync(entries, cancellationToken).ConfigureAwait(false);
                entries.Clear();
            }
            entries.Add(entry);
        }
        if (entries.Count > 0) await MergeAsync(entries, cancellationToken).ConfigureAwait(false);
    }

    private async Task MergeAsync(IReadOnlyList<ArchivedCatalogEntry> entries, CancellationToken cancellationToken)
    {
        var model = entries[0].Model;
        var isHere = versions.Added.Any(version => version.Model == model)
            || (await context.Workspace.Models.ModelsAsync(cancellationToken).ConfigureAwait(false)).Contains(model);
        if (!isHere)
        {
            // What is wrong with its versions is in the report already.
            if (entries.All(entry => entry.Version > 0)) return;
            context.Report(AuditedModel.SubjectOf(model), "No version of it is here, so that what was said of it was not taken up.");
            return;
        }

        var changes = new RegistryChanges(context.Workspace.Store, context.Workspace.Acting);
        var merged = await changes.MergeAsync(
            model, [.. entries.Select(ToChange).OfType<ForeignChange>()], context.IsDryRun, cancellationToken).ConfigureAwait(false);
        Added += merged.Count(each => each.Obstacle is null);
        foreach (var (change, obstacle) in merged)
        {
            if (obstacle is not null) context.Report(SubjectOf(model, change.From), obstacle);
        }
    }

    private static string SubjectOf(string model, int version) =>
        version == 0 ? AuditedModel.SubjectOf(model) : RegistryRecords.SubjectOf(model, version);

    // A version that is not here is in the report already.
    private ForeignChange? ToChange(ArchivedCatalogEntry entry)
    {
        var place = entry.Version == 0 ? new PlacedVersion(0, null) : versions.Find(entry.Model, entry.Version);
        return place is null ? null : new ForeignChange(
            context.Archive.Manifest.Workspace,
            entry.Version,
            new RegistryChangeRow
            {
                Model = entry.Model,
                Version = place.Version,
                Property = entry.Property,
                Name = entry.Name,
                Value = entry.Value,
                At = entry.At,
                Actor = entry.Actor,
                Reason = entry.Reason,
            },
            place.Description);
    }
}
