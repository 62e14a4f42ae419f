using MlOps.Sdk.Packaging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Takes up the runs of an archive, each in one write. Used once.</summary>
internal sealed class RunImport(ImportContext context)
{
    /// <summary>How many runs were added.</summary>
    public int Added { get; private set; }

    /// <summary>How many runs were there already, and are the same.</summary>
    public int Known { get; private set; }

    /// <summary>How many of those got what an earlier import did not have.</summary>
    public int Completed { get; private set; }

    /// <summary>How many tags and notes were added to runs that were there already.</summary>
    public int TagsAndNotes { get; private set; }

    public async Task RunAsync(Action done, CancellationToken cancellationToken)
    {
        RunParts? parts = null;
        await foreach (var line in context.Archive.RunLinesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (line.Run is { } run)
            {
                await EndAsync().ConfigureAwait(false);
                parts = new RunParts(run);
            }
            else parts!.Add(line);
        }
        await EndAsync().ConfigureAwait(false);

        async Task EndAsync()
        {
            if (parts is null) return;
            await AddAsync(parts, cancellationToken).ConfigureAwait(false);
            done();
        }
    }

    private async Task AddAsync(RunParts parts, CancellationToken cancellationToken)
    {
        var run = parts.Run;
        if (await IsThereAsync(run.Id, cancellationToken).ConfigureAwait(false))
        {
            await CompareAsync(parts, cancellationToken).ConfigureAwait(false);
            return;
        }
        ArtifactId[] ids = [.. RunArchiving.Artifacts(run)];
        if (context.IsDryRun)
        {
            foreach (var id in ids)
            {
                if (context.Archive.Has(id) && !await context.Workspace.Files.ExistsAsync(id, cancellationToken).ConfigureAwait(false))
                {
                    context.Added.Add(id);
                }
            }
            Added++;
            return;
        }

        var owner = PassingReference.Next(context.Workspace.Time);
        var importer = context.Workspace.Acting.Name;
        var isAdded = false;
        await context.References.KeepAsync(RunArtifacts.OwnerKind, owner, ids, cancellationToken).ConfigureAwait(false);
        try
        {
            var there = await PutAsync(ids, cancellationToken).ConfigureAwait(false);
            isAdded = await context.Workspace.Store.WriteAsync(
                connection =>
                {
                    if (RunTable.NumberOf(connection, run.Id) is not null) return false;
                    RunArchiving.Insert(connection, parts, there.Contains, context.Workspace.Time.GetUtcNow(), importer);
                    ArtifactRefTable.Remove(connection, RunArtifacts.OwnerKind, owner);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isAdded)
            {
                await context.References.ReleaseAsync(RunArtifacts.OwnerKind, owner, CancellationToken.None).ConfigureAwait(false);
            }
        }
        if (isAdded) Added++;
        else await CompareAsync(parts, cancellationToken).ConfigureAwait(false);
    }

    private Task<bool> IsThereAsync(string run, CancellationToken cancellationToken) => context.Workspace.Store.ReadAsync(
        connection => RunTable.NumberOf(connection, run) is not null, cancellationToken);

    /// <returns>Those that are there now: what a run released before is not in its archive.</returns>
    private async Task<HashSet<ArtifactId>> PutAsync(IReadOnlyList<ArtifactId> ids, CancellationToken cancellationToken)
    {
        var there = new HashSet<ArtifactId>();
        foreach (var id in ids)
        {
            if (!await context.Workspace.Files.ExistsAsync(id, cancellationToken).ConfigureAwait(false))
            {
                if (!context.Archive.Has(id)) continue;
                var content = await context.Archive.OpenAsync(id, cancellationToken).ConfigureAwait(false);
                await using (content.ConfigureAwait(false))
                {
                    await context.Workspace.Files.PutAsync(content, cancellationToken).ConfigureAwait(false);
                }
                context.Added.Add(id);
            }
            there.Add(id);
        }

        return there;
    }

    private async Task CompareAsync(RunParts parts, CancellationToken cancellationToken)
    {
        var run = parts.Run;
        var subject = $"run:{run.Id}";
        var known = await context.Workspace.Store.ReadAsync(
            connection => RunArchiving.Read(connection, run.Id, context.Workspace.Time.GetUtcNow()) is var (read, points)
                ? (read, points, RunCompletion.Find(connection, read, parts))
                : ((ArchivedRun, IReadOnlyList<MetricRow>, RunCompletion)?)null,
            cancellationToken).ConfigureAwait(false);
        if (known is not var (here, series, completion))
        {
            context.Report(subject, "The run is in progress in this workspace.");
            return;
        }
        if (completion.Difference is not null || RunArchiving.ContentOf(here, series) != RunArchiving.ContentOf(run, parts.Metrics))
        {
            context.Report(
                subject,
                $"A run of this id is here already, and has other content: {completion.Difference ?? Differing(here, run)}.");
            return;
        }

        Known++;
        KeyValuePair<string, string>[] tags = [.. run.Tags.Where(tag => !here.Tags.ContainsKey(tag.Key))];
        ArchivedNote[] notes = [.. run.Notes.Except(here.Notes)];
        foreach (var (name, value) in run.Tags)
        {
            if (here.Tags.TryGetValue(name, out var own) && own != value)
            {
                context.Report(subject, $"The tag '{PackageFile.Shown(name)}' has another value here, which was left as it is.");
            }
        }
        TagsAndNotes += tags.Length + notes.Length;
        if (!completion.IsEmpty) Completed++;
        if (context.IsDryRun || (tags.Length + notes.Length == 0 && completion.IsEmpty)) return;
        var importer = context.Workspace.Acting.Name;
        await context.Workspace.Store.WriteAsync(
            connection =>
            {
                if (RunTable.NumberOf(connection, run.Id) is not { } no) return;
                foreach (var (name, value) in tags) ExperimentTable.SetTag(connection, no, name, value);
                RunTransferTable.AddNotes(connection, no, notes.Select(RunArchiving.ToRow));
                completion.Write(connection, no, run, context.Workspace.Time.GetUtcNow(), importer);
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
}
