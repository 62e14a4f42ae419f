using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What a trainer can do.</summary>
/// <param name="Tasks">The tasks that it solves.</param>
/// <param name="HandlesMissing">Whether NaN features are understood; otherwise they are refused.</param>
public sealed record TrainerCapabilities(IReadOnlyList<TaskKind> Tasks, bool HandlesMissing = false);
