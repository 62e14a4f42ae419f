using MlOps.Sdk.Audit;

namespace MlOps.Sdk.Tracking;

/// <summary>What a new run is.</summary>
/// <param name="Lifecycle">The name of the lifecycle.</param>
/// <param name="Stages">The stages that it will pass.</param>
/// <param name="Seed">The seed of everything random in it.</param>
/// <param name="Cause">Why it is started.</param>
/// <param name="ParentRun">The run that it belongs to.</param>
internal sealed record RunStart(
    string Lifecycle, IReadOnlyList<LifecycleStage> Stages, long Seed, string Cause = "manual", string? ParentRun = null)
{
    /// <summary>The retraining that the run answers; the run begins only when no other one has it.</summary>
    public long? Trigger { get; init; }

    /// <summary>Who starts it; <see langword="null"/> where that is not noted.</summary>
    public ActingPerson? Starter { get; init; }

    /// <summary>Of what kind the run is.</summary>
    public RunKind Kind { get; init; } = RunKind.Lifecycle;

    /// <summary>The run whose results it takes for the stages before <see cref="FromStage"/>.</summary>
    public string? ResultsOf { get; init; }

    /// <summary>The stage that it begins with.</summary>
    public LifecycleStage? FromStage { get; init; }

    /// <summary>What lets it begin.</summary>
    public RunGate Gate { get; init; }

    /// <summary>Tags that the run begins with.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
