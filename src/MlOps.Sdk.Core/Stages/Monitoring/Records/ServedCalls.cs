using System.Globalization;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// What became of the calls of one version in a time, summed over all processes. A call with several rows counts as one for each row.
/// Immutable and thread-safe.
/// </summary>
public sealed class ServedCalls
{
    private readonly CallCounts _counts;

    internal ServedCalls(int version, DateTimeOffset from, DateTimeOffset to, CallCounts counts) =>
        (Version, From, To, _counts) = (version, from, to, counts);

    /// <summary>The version.</summary>
    public int Version { get; }

    /// <summary>From when on calls are counted.</summary>
    public DateTimeOffset From { get; }

    /// <summary>Until when they are counted.</summary>
    public DateTimeOffset To { get; }

    /// <summary>Rows that the version was to predict, those among them that it failed on or refused.</summary>
    public long Total => _counts.Total;

    /// <summary>Rows that the model failed on, those among them whose score is not a number.</summary>
    public long Failed => _counts.Failed;

    /// <summary>Rows that the version refused for what they contain.</summary>
    public long Refused => _counts.Refused;

    /// <summary>Rows that were answered alone: those whose time is known.</summary>
    public long Timed => _counts.Single;

    /// <summary>
    /// A quantile of the time in seconds that calls with one row took in the process, without the network, and its confidence interval:
    /// the bins at whose edges Wilson's limits of the share of calls up to there exclude the quantile. Edges are at most 6.3 % apart.
    /// </summary>
    /// <param name="quantile">The quantile, above 0 and below 1, for example 0.95.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <returns>The quantile, which is NaN without calls, and bounds that are 0 and infinity where the calls do not tell.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The quantile or the level lies outside 0 to 1.</exception>
    public (double Seconds, ConfidenceInterval Interval) LatencyQuantile(double quantile, double level = 0.95)
    {
        Samples.RequireProbability(quantile, nameof(quantile));
        Samples.RequireProbability(level, nameof(level));
        var (lower, upper, seconds, below) = (0.0, double.PositiveInfinity, double.NaN, 0L);
        for (var bin = 0; bin < LatencyBins.Count && Timed > 0; bin++)
        {
            below += _counts.Latencies[bin];
            var share = Intervals.Wilson(below, Timed, level);
            var edge = LatencyBins.Edges[bin];
            if (share.Upper < quantile) lower = edge;
            if (double.IsNaN(seconds) && below >= quantile * Timed) seconds = edge;
            if (share.Lower < quantile) continue;
            upper = edge;
            break;
        }

        return (seconds, new ConfidenceInterval(lower, upper, level));
    }

    /// <summary>How many of the timed calls took longer than a time for sure: their bin begins there or later.</summary>
    internal long SlowerThan(double seconds)
    {
        var slow = 0L;
        for (var bin = LatencyBins.Count - 1; bin > 0 && LatencyBins.Edges[bin - 1] >= seconds; bin--) slow += _counts.Latencies[bin];
        return slow;
    }

    /// <summary>The counts in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prose.Count(Total, "call")} of version {Version} from {From:u} to {To:u}, {Failed:N0} failed, {Refused:N0} refused");
}
