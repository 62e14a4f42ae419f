using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>What came of stage 8.</summary>
public sealed record DeploymentReport
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The registered version.</summary>
    public required int Version { get; init; }

    /// <summary>The content hash of the package.</summary>
    public required string ContentHash { get; init; }

    /// <summary>
    /// Whether the version passed the gates and went live; <see cref="Reason"/> says so where another one is live by now.
    /// </summary>
    public required bool IsDeployed { get; init; }

    /// <summary>
    /// Whether the version passed the gates, and the rollout kept it back: it is registered, and the version before it stays live.
    /// </summary>
    public bool IsKeptBack { get; init; }

    /// <summary>
    /// Whether the version passed the gates, and began to take the place of the live one step by step: <see cref="Workspace.Rollouts"/>
    /// tells how far it is.
    /// </summary>
    public bool IsRollingOut { get; init; }

    /// <summary>
    /// The number of the approval that the version awaits, which passed all other gates: <see cref="Workspace.Approvals"/> tells of it.
    /// <see langword="null"/> when it awaits none.
    /// </summary>
    public long? AwaitsApproval { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The gates, one by one.</summary>
    public required IReadOnlyList<GateResult> Gates { get; init; }

    /// <summary>The metrics on the holdout, with their 95 % intervals.</summary>
    public required IReadOnlyDictionary<string, MetricValue> Holdout { get; init; }

    /// <summary>Rows of the holdout.</summary>
    public required int HoldoutRows { get; init; }

    /// <summary>
    /// The evaluation on the holdout beyond single numbers: curves, confusions, calibration, residuals, groups; <see langword="null"/> in
    /// reports of versions that made none.
    /// </summary>
    public EvaluationSummary? Evaluation { get; init; }

    /// <summary>How the version compares with the one that was live, on the same rows; <see langword="null"/> when none was.</summary>
    public ChampionComparison? Comparison { get; init; }

    /// <summary>The targets that the version was deployed to.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Whether another version is live since, by the registry when the run was read.</summary>
    internal bool IsReplaced { get; init; }

    private string Waits => AwaitsApproval is null ? "is not live" : "awaits approval";

    /// <summary>What came of it, with every gate and metric in a line.</summary>
    public override string ToString() =>
        $"{Model} version {Version} " +
        $"{(IsReplaced ? "went live" : IsDeployed ? "is live" : IsRollingOut ? "is rolling out" : IsKeptBack ? "is kept back" : Waits)}: " +
        Reason +
        string.Concat(Gates.Select(gate => $"{Environment.NewLine}  {gate}")) +
        string.Concat(Holdout.Select(metric => $"{Environment.NewLine}  {metric.Key} {metric.Value} on the holdout"));
}
