using MlOps.Sdk.Audit;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Evidence;

/// <summary>All that is recorded of a version. Parts are <see langword="null"/> where there is no record.</summary>
internal sealed record VersionFacts
{
    public required ModelVersion Version { get; init; }

    public required RegisteredModel Model { get; init; }

    /// <summary>The package; <see langword="null"/> when it cannot be read, see <see cref="PackageLoss"/>.</summary>
    public ModelPackage? Package { get; init; }

    public string? PackageLoss { get; init; }

    public long? PackageSize { get; init; }

    /// <summary>The key that signed the package.</summary>
    public string? SignedBy { get; init; }

    /// <summary>The attestations, newest first.</summary>
    public required IReadOnlyList<Blessing> Blessings { get; init; }

    /// <summary>The attestation that counts; <see langword="null"/> when there is none.</summary>
    public Blessing? Attestation => Blessings is [var newest, ..] ? newest : null;

    /// <summary>What the audit log has of the version and of its run, oldest first.</summary>
    public required IReadOnlyList<AuditEntry> Entries { get; init; }

    /// <summary>What was live of the model, the first one first.</summary>
    public IReadOnlyList<AliasChange> Live { get; init; } = [];

    /// <summary>The run that made it; <see langword="null"/> for a model of elsewhere, or whose run is not recorded.</summary>
    public RunDetails? Run { get; init; }

    /// <summary>
    /// What the records of the run are not about, because the run was resumed and made another version; empty for none. Such records are
    /// left out.
    /// </summary>
    public IReadOnlyList<string> OfAnother { get; init; } = [];

    /// <summary>What is to be solved; as the package says where it can be read.</summary>
    public ProblemDefinition? Problem { get; init; }

    public CollectionSummary? Collection { get; init; }

    public ProcessingSummary? Processing { get; init; }

    public ExplorationReport? Exploration { get; init; }

    public FeatureSummary? Features { get; init; }

    public TrainingSummary? Training { get; init; }

    /// <summary>What came of its evaluation, where the report is about this version.</summary>
    public DeploymentReport? Deployment { get; init; }

    public MonitoringSummary? Monitoring { get; init; }
}
