namespace MlOps.Sdk;

/// <summary>What a retraining learns from. Immutable.</summary>
public sealed class RetrainingData
{
    private RetrainingData(bool original, bool feedback)
    {
        IncludesOriginal = original;
        IncludesFeedback = feedback;
    }

    /// <summary>The rows that the live model's run collected.</summary>
    public static RetrainingData Original { get; } = new(true, false);

    /// <summary>The rows predicted since, whose labels have arrived.</summary>
    public static RetrainingData Feedback { get; } = new(false, true);

    /// <summary>Whether the original rows are included.</summary>
    public bool IncludesOriginal { get; }

    /// <summary>Whether the feedback rows are included.</summary>
    public bool IncludesFeedback { get; }

    /// <summary>The rows of both.</summary>
    /// <param name="other">The other rows.</param>
    public RetrainingData And(RetrainingData other) =>
        new(IncludesOriginal || other.IncludesOriginal, IncludesFeedback || other.IncludesFeedback);
}
