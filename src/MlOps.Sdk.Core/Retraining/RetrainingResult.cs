namespace MlOps.Sdk;

/// <summary>What came of asking a lifecycle to retrain. Immutable.</summary>
public sealed class RetrainingResult
{
    internal RetrainingResult(RetrainingOutcome outcome, LifecycleRun? run, string reason)
    {
        Outcome = outcome;
        Run = run;
        Reason = reason;
    }

    /// <summary>What came of it.</summary>
    public RetrainingOutcome Outcome { get; }

    /// <summary>The run; <see langword="null"/> unless <see cref="Outcome"/> is <see cref="RetrainingOutcome.Ran"/>.</summary>
    public LifecycleRun? Run { get; }

    /// <summary>Why, in a sentence: why the challenger was promoted or not, or why there is no run.</summary>
    public string Reason { get; }

    /// <summary>The outcome and the reason.</summary>
    public override string ToString() => $"{Outcome}: {Reason}";
}
