using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>A run of a lifecycle.</summary>
/// <param name="Id">Unique. It begins with the time by the clock: ids sort as the runs began while the clock is not set back.</param>
/// <param name="Lifecycle">The name of the lifecycle.</param>
/// <param name="State">What has become of it, at the moment of reading.</param>
/// <param name="StartedAt">When it began, in UTC.</param>
/// <param name="EndedAt">
/// When it ended, in UTC; <see langword="null"/> while it runs, and forever when it was interrupted by force.
/// </param>
/// <param name="Seed">The seed of everything random in it.</param>
/// <param name="Cause">Why it was started: <c>manual</c>, or for example <c>retraining: data drift</c>.</param>
/// <param name="ParentRun">
/// The run that it belongs to, where there is one: whose model a retraining starts from, or whose rows a repeated stage takes.
/// </param>
/// <param name="Error">
/// Why it did not succeed; of one that succeeded, what failed after its version was live; <see langword="null"/> when nothing failed.
/// </param>
/// <param name="Stages">Its stages, in order.</param>
public sealed record RunRecord(
    string Id,
    string Lifecycle,
    RunState State,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    long Seed,
    string Cause,
    string? ParentRun,
    string? Error,
    IReadOnlyList<StageRecord> Stages)
{
    /// <summary>Of what kind it is.</summary>
    public RunKind Kind { get; init; } = RunKind.Lifecycle;

    /// <summary>
    /// The run whose results the stages before <see cref="FromStage"/> are; <see langword="null"/> for a run that began with the first
    /// stage.
    /// </summary>
    public string? ResultsFrom { get; init; }

    /// <summary>The stage that the run began with; <see langword="null"/> for the first.</summary>
    public LifecycleStage? FromStage { get; init; }

    /// <summary>What a stage made.</summary>
    /// <exception cref="MlOpsException">The record does not say.</exception>
    internal ArtifactId OutputOf(LifecycleStage stage, string name) =>
        Stages.FirstOrDefault(record => record.Stage == stage)?.Outputs.TryGetValue(name, out var id) == true
            ? id
            : throw new MlOpsException(
                $"The record of run '{Id}' is damaged: it has no '{name}' of stage {stage}.",
                "Restore the database from a backup, or run the lifecycle again.");

    /// <summary>The run, and every stage in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Id} of {Lifecycle}: {State}, begun {StartedAt:u}, {Cause}{(Error is null ? "" : $": {Error}")}") +
            string.Concat(Stages.Select(stage => $"{Environment.NewLine}  {stage}"));
}
