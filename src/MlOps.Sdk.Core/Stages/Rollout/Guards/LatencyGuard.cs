using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>Limits how many times as long a quantile of the candidate's latency may be.</summary>
internal sealed class LatencyGuard(double quantile, double atMostTimes) : IRolloutGuard
{
    public string Name { get; } = FormattableString.Invariant($"latency p{quantile * 100:0.###}");

    public RolloutNeeds Needs { get; } = new();

    public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
    {
        var each = Judgement.LevelOfEach(level, 2);
        var candidate = step.Candidate.LatencyQuantile(quantile, each);
        var live = step.Live.LatencyQuantile(quantile, each);

        // Bounds are edges of bins; below the first one, nothing is known but that it took some time.
        var interval = new ConfidenceInterval(
            candidate.Lower > 0 && double.IsFinite(live.Upper) ? candidate.Lower / live.Upper : 0,
            live.Lower > 0 ? candidate.Upper / live.Lower : double.PositiveInfinity,
            level);
        return Judgement.Judge(
            Name,
            double.NaN,
            interval,
            atMostTimes,
            FormattableString.Invariant($"the p{quantile * 100:0.###} latency is {Text(candidate)} on the candidate and ") +
                $"{Text(live)} on the live version",
            FormattableString.Invariant($"{atMostTimes:0.####} times as long"));
    }

    private static string Text(ConfidenceInterval seconds) => (double.IsFinite(seconds.Lower), double.IsFinite(seconds.Upper)) switch
    {
        (true, true) => FormattableString.Invariant($"{Milliseconds(seconds.Lower)} to {Milliseconds(seconds.Upper)} ms"),
        (true, false) => FormattableString.Invariant($"above {Milliseconds(seconds.Lower)} ms"),
        (false, true) => FormattableString.Invariant($"at most {Milliseconds(seconds.Upper)} ms"),
        _ => "not known yet",
    };

    private static string Milliseconds(double seconds) => FormattableString.Invariant($"{seconds * 1000:0.####}");
}
