using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>What the built-in guards share: a limit on what is the worse the larger it is.</summary>
internal static class Judgement
{
    /// <summary>The confidence that each of several intervals must have, so that all of them hold with a level.</summary>
    public static double LevelOfEach(double level, int intervals) => 1 - ((1 - level) / intervals);

    /// <summary>The interval of the difference of two arms, each of which has half of what the level leaves.</summary>
    public static ConfidenceInterval Difference(ConfidenceInterval candidate, ConfidenceInterval live, double level) =>
        new(candidate.Lower - live.Upper, candidate.Upper - live.Lower, level);

    /// <summary>What there is nothing of yet to compare; <see langword="null"/> where both versions have some.</summary>
    /// <param name="candidate">How many the candidate has.</param>
    /// <param name="live">How many the live version has.</param>
    /// <param name="what">What they are, in the plural.</param>
    public static string? Lacks(long candidate, long live, string what) => (candidate, live) switch
    {
        (0, 0) => $"neither version has any {what} yet",
        (0, _) => $"the candidate has no {what} yet",
        (_, 0) => $"the live version has no {what} yet",
        _ => null,
    };

    /// <summary>A difference of shares in words.</summary>
    public static string Points(double difference) => difference == 0.01
        ? "1 percentage point"
        : FormattableString.Invariant($"{difference * 100:0.####} percentage points");

    /// <summary>Judges what was observed.</summary>
    /// <param name="guard">The guard's name.</param>
    /// <param name="observed">What was observed; NaN where nothing was.</param>
    /// <param name="interval">Its interval.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="sentence">What was observed of both versions, in a clause.</param>
    /// <param name="limitText">The limit in words, for example "0.5 percentage points more".</param>
    public static GuardFinding Judge(
        string guard, double observed, ConfidenceInterval interval, double limit, string sentence, string limitText) => new(
        guard,
        interval.Lower > limit ? GuardState.Violated : interval.Upper <= limit ? GuardState.Kept : GuardState.Open,
        observed,
        interval.Lower,
        interval.Upper,
        limit,
        $"{sentence}, and the limit is {limitText}");
}
