namespace MlOps.Sdk.Registry;

/// <summary>
/// What answers where a model is stopped, fails or gives no number, or where its circuit is open: an earlier version, or a constant answer.
/// </summary>
public sealed record ModelFallback
{
    /// <summary>The version that answers, which must be blessed; <see langword="null"/> for a constant answer.</summary>
    public int? Version { get; init; }

    /// <summary>The constant answer; <see langword="null"/> for a version.</summary>
    public FallbackAnswer? Answer { get; init; }

    /// <summary>When a version that fails is no longer called for a while.</summary>
    public CircuitOptions Circuit { get; init; } = new();

    /// <summary>Another version answers.</summary>
    /// <param name="version">The version.</param>
    public static ModelFallback ToVersion(int version) => new() { Version = version };

    /// <summary>A constant score answers: the number of a regression, or P(positive) of a binary classifier.</summary>
    /// <param name="score">The score.</param>
    public static ModelFallback ToScore(double score) => new() { Answer = new FallbackAnswer(score) };

    /// <summary>A constant class answers.</summary>
    /// <param name="label">The class.</param>
    /// <param name="score">Its score, see <see cref="FallbackAnswer"/>; <see langword="null"/> for certainty.</param>
    public static ModelFallback ToLabel(string label, double? score = null) => new() { Answer = new FallbackAnswer(score, label) };
}
