using MlOps.Sdk.Rollout;

namespace MlOps.Sdk;

/// <summary>
/// The built-in guards of a canary rollout. All but <see cref="Bias"/>, whose limit is absolute, compare the candidate with the live
/// version on the calls that are divided between them, step by step. Their intervals hold at every check, so that looking often does not
/// roll a good version back. They take calls as independent of each other.
/// </summary>
public static class RolloutGuards
{
    /// <summary>The share of calls that fail: that throw, whose score is not a number, or whose rows the version refuses.</summary>
    /// <param name="atMostMore">By how much it may be larger than the live version's, 0 to 1. Default: 0.01.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not between 0 and 1.</exception>
    public static IRolloutGuard Errors(double atMostMore = 0.01) => new ErrorGuard(RequireShare(atMostMore, nameof(atMostMore)));

    /// <summary>A quantile of the time that a call with one row takes in the process, without the network.</summary>
    /// <param name="quantile">The quantile, above 0 and below 1. Default: 0.95.</param>
    /// <param name="atMostTimes">How many times as long as the live version's it may be, at least 1. Default: 1.5.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static IRolloutGuard Latency(double quantile = 0.95, double atMostTimes = 1.5)
    {
        if (!(quantile > 0 && quantile < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(quantile), quantile, "A quantile is above 0 and below 1.");
        }
        if (!(atMostTimes >= 1 && double.IsFinite(atMostTimes)))
        {
            throw new ArgumentOutOfRangeException(nameof(atMostTimes), atMostTimes, "The factor is a finite number of at least 1.");
        }
        return new LatencyGuard(quantile, atMostTimes);
    }

    /// <summary>
    /// How differently the candidate predicts: the share of any class; for regression, the share of predictions up to any decile of what
    /// the live version predicted out of fold when it was trained (the distance of Kolmogorov and Smirnov at these nine points).
    /// </summary>
    /// <param name="atMost">By how much a share may differ from the live version's, 0 to 1. Default: 0.1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not between 0 and 1.</exception>
    public static IRolloutGuard PredictionDrift(double atMost = 0.1) => new PredictionDriftGuard(RequireShare(atMost, nameof(atMost)));

    /// <summary>The largest difference of the share of positive decisions between groups. For binary classification.</summary>
    /// <param name="attribute">The attribute, which must be recorded: a column that the model reads or observes.</param>
    /// <param name="atMost">The largest difference, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not between 0 and 1.</exception>
    public static IRolloutGuard Bias(string attribute, double atMost)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(attribute);
        return new BiasGuard(attribute, RequireShare(atMost, nameof(atMost)));
    }

    /// <summary>The share of wrong decisions, or the mean absolute error of a regression, where labels are reported in time.</summary>
    /// <param name="atMostWorse">By how much it may be larger than the live version's: a share, or in units of the label.</param>
    /// <param name="largestError">
    /// For regression: the largest absolute error that counts, in units of the label. Larger ones count as it. The smaller it is, the
    /// sooner the guard can tell. Default: ten times the mean absolute error on the holdout, of the version that has the larger one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The limit is negative or not finite, or the largest error is not a finite number above it.
    /// </exception>
    public static IRolloutGuard Performance(double atMostWorse, double? largestError = null)
    {
        RequireLimit(atMostWorse, nameof(atMostWorse));
        if (largestError is { } largest && !(largest > atMostWorse && double.IsFinite(largest)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(largestError), largest, "The largest error is a finite number above the limit, or the limit is never violated.");
        }
        return new PerformanceGuard(atMostWorse, largestError);
    }

    /// <summary>What a decision is worth to the business, where labels are reported in time. For classification.</summary>
    /// <param name="name">The name shown, for example <c>profit</c>.</param>
    /// <param name="value">What a decision is worth: given the class decided for, and the label.</param>
    /// <param name="atMostLess">By how much less than the live version's the mean may be, in units of the value.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative or not finite.</exception>
    public static IRolloutGuard Value(string name, Func<string, string, double> value, double atMostLess)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(value);
        return new ValueGuard(name, value, RequireLimit(atMostLess, nameof(atMostLess)));
    }

    private static double RequireShare(double value, string name) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "A share is between 0 and 1.");

    private static double RequireLimit(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "A limit is a finite number of at least 0.");
}
