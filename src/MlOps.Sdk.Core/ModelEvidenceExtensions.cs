using MlOps.Sdk.Evidence;
using MlOps.Sdk.Packaging;
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
        };
        facts = await ReadRunAsync(workspace, facts, cancellationToken).ConfigureAwait(false);
        var entries = await workspace.Audit.ReadAsync(
            subject: RegistryRecords.SubjectOf(model, number), cancellationToken: cancellationToken)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        if (version.RunId is { } run)
        {
            entries.AddRange(await workspace.Audit.ReadAsync(subject: $"run:{run}", cancellationToken: cancellationToken)
                .ToListAsync(cancellationToken).ConfigureAwait(false));
            entries.Sort((one, other) => one.Sequence.CompareTo(other.Sequence));
        }
        return await ReadPackageAsync(workspace, facts with { Entries = entries }, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<VersionFacts> ReadPackageAsync(
        Workspace workspace, VersionFacts facts, CancellationToken cancellationToken)
    {
        if (facts.Version.Deletion is not null) return facts with { PackageLoss = "The version was deleted." };
        var (bytes, loss) = await workspace.Artifacts.TryReadAllAsync(facts.Version.PackageId, cancellationToken).ConfigureAwait(false);
        if (loss is not null) return facts with { PackageLoss = loss };
        try
        {
            return facts with
            {
                Package = PackageFile.Read(bytes, workspace.Readers),
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
        return facts with
        {
            Problem = run.Problem,
            Collection = run.Collection,
            Processing = run.Processing,
            Exploration = run.Exploration,
            Features = run.Features,
            Training = run.Training,
            Deployment = run.Deployment is { } report && report.ContentHash == facts.Version.ContentHash ? report : null,
            Monitoring = run.Monitoring,
        };
    }

    private static Workspace WorkspaceOf(ModelRegistry models, string model)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return (Workspace)models.Home!;
    }
}
