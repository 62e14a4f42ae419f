namespace MlOps.Sdk.Training;

/// <summary>What became of one fold of a trial.</summary>
/// <param name="Number">The fold, from 0.</param>
internal sealed record TrialFold(int Number)
{
    public bool HasBegun { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset EndedAt { get; init; }

    public string? Error { get; init; }

    /// <summary>Whether it was cancelled because it, or its trial, took longer than it may.</summary>
    public bool IsOverBudget { get; init; }
}
