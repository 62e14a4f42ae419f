using MlOps.Sdk.Evidence;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>What is recorded of model versions, for people to read.</summary>
public static class ModelEvidenceExtensions
{
    /// <summary>
    /// Makes the card of a version from what is recorded of it: the registry, its package, its run, the audit log. It states nothing else,
    /// and lists what is missing.
    /// </summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The version's number; may be archived or deleted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such version, or the records are damaged.</exception>
    public static async Task<ModelCard> CardAsync(
        this ModelRegistry models, string model, int version, CancellationToken cancellationToken = default)
    {
        var workspace = WorkspaceOf(models, model);
        var facts = await ReadAsync(workspace, model, version, cancellationToken).ConfigureAwait(false);
        using (facts.Package) return ModelCardBuilder.Build(facts, workspace.Time.GetUtcNow());
    }

    /// <summary>Puts two versions of a model side by side: metrics, gates, training, features, rows, code, and how they answer.</summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="first">The version to compare with; may be archived or deleted.</param>
    /// <param name="second">The version to judge; may be archived or deleted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such version, or the records are damaged.</exception>
    public static async Task<ModelComparison> CompareAsync(
        this ModelRegistry models, string model, int first, int second, CancellationToken cancellationToken = default)
    {
        var workspace = WorkspaceOf(models, model);
        var one = await ReadAsync(workspace, model, first, cancellationToken).ConfigureAwait(false);
        using (one.Package)
        {
            var other = await ReadAsync(workspace, model, second, cancellationToken).ConfigureAwait(false);
            using (other.Package) return ModelComparer.Compare(one, other);
        }
    }

    private static async Task<VersionFacts> ReadAsync(Workspace workspace, string model, int number, CancellationToken cancellationToken)
    {
        var version = await workspace.Models.GetAsync(model, number, cancellationToken).ConfigureAwait(false);
        var facts = new VersionFacts
        {
            Version = version,
            Model = (await workspace.Models.FindModelAsync(model, cancellationToken).ConfigureAwait(false))!,
            Blessings = await workspace.Models.BlessingsAsync(model, number, cancellationToken).ConfigureAwait(false),
            Entries = [],
            Live =
            [
                .. (await workspace.Models.AliasHistoryAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false))
                    .Reverse(),
            ],
        };
        var entries = await workspace.Audit.ReadAsync(
            subject: RegistryRecords.SubjectOf(model, number), cancellationToken: cancellationToken)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        if (version.RunId is { } run)
        {
            entries.AddRange(await workspace.Audit.ReadAsync(subject: $"run:{run}", cancellationToken: cancellationToken)
                .ToListAsync(cancellationToken).ConfigureAwait(false));
            entries.Sort((one, other) => one.Sequence.CompareTo(other.Sequence));
        }
        facts = await ReadPackageAsync(workspace, facts with { Entries = entries }, cancellationToken).ConfigureAwait(false);
        try
        {
            return await ReadRunAsync(workspace, facts, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            facts.Package?.Dispose();
            throw;
        }
    }

    private static async Task<VersionFacts> ReadPackageAsync(
        Workspace workspace, VersionFacts facts, CancellationToken cancellationToken)
    {
        if (facts.Version.Deletion is not null) return facts with { PackageLoss = "The version was deleted." };
        var (bytes, loss) = await workspace.Artifacts.TryReadAllAsync(facts.Version.PackageId, cancellationToken).ConfigureAwait(false);
        if (loss is not null) return facts with { PackageLoss = loss };
        try
        {
            var package = PackageFile.Read(bytes, workspace.Readers);
            return facts with
            {
                Package = package,
                Problem = package.Problem,
                PackageSize = bytes.Length,
                SignedBy = PackageSeal.ReadSignature(bytes).Signature?.KeyId,
            };
        }
        catch (MlOpsException e)
        {
            return facts with { PackageLoss = e.Problem, PackageSize = bytes.Length };
        }
    }

    private static async Task<VersionFacts> ReadRunAsync(Workspace workspace, VersionFacts facts, CancellationToken cancellationToken)
    {
        // A release that another workspace made has a run that is not here.
        if (facts.Version.RunId is not { } id) return facts;
        if (!await workspace.Store.ReadAsync(
            connection => RunTable.Find(connection, id) is not null, cancellationToken).ConfigureAwait(false)) return facts;
        facts = facts with { Run = await workspace.Runs.DetailsAsync(id, cancellationToken).ConfigureAwait(false) };
        LifecycleRun run;
        try
        {
            run = await workspace.LifecycleRunAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException)
        {
            // What a stage found is lost; the card lists what it does not know of.
            return facts;
        }
        return OfVersion(facts, run);
    }

    // A run that was resumed may have made another version since, of other rows or with other code.
    private static VersionFacts OfVersion(VersionFacts facts, LifecycleRun run)
    {
        var isSame = run.Deployment?.ContentHash == facts.Version.ContentHash;
        var made = facts.Package?.Facts;
        var hasRows = isSame || (made?.TrainingRows is { } rows && rows == RowsOf(run));
        var hasModel = isSame || (hasRows && made is not null && run.Training is { } training && made.Trainer == training.Trainer
            && made.Parameters.Count == training.Parameters.Count
            && made.Parameters.All(each => training.Parameters.TryGetValue(each.Key, out var value) && value.Equals(each.Value)));
        List<string> another = [];
        if (!hasRows && (run.Collection is not null || run.Processing is not null)) another.Add("rows");
        if (!hasModel && run.Training is not null) another.Add("training");
        if (!isSame && run.Deployment is not null) another.Add("evaluation");
        return facts with
        {
            Problem = facts.Problem ?? (isSame ? run.Problem : null),
            Collection = hasRows ? run.Collection : null,
            Processing = hasRows ? run.Processing : null,
            Exploration = hasRows ? run.Exploration : null,
            Features = hasModel ? run.Features : null,
            Training = hasModel ? run.Training : null,
            Deployment = isSame ? run.Deployment : null,
            Monitoring = hasModel ? run.Monitoring : null,
            OfAnother = another,
        };
    }

    private static string? RowsOf(LifecycleRun run) =>
        run.Record.Stages.FirstOrDefault(stage => stage.Stage == LifecycleStage.Processing)?.Outputs
            .TryGetValue(ProcessingStage.Train, out var rows) == true ? rows.ToString() : null;

    private static Workspace WorkspaceOf(ModelRegistry models, string model)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return (Workspace)models.Home!;
    }
}
