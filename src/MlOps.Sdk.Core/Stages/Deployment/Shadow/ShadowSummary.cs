using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Deployment;

/// <summary>How a shadow compares with what callers got, over the newest answers that are kept.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ShadowSummary
{
    /// <summary>The model's name.</summary>
    public string Model { get; init; } = "";

    /// <summary>The version of the shadow.</summary>
    public int Version { get; init; }

    /// <summary>The versions that answered the callers, in order.</summary>
    public IReadOnlyList<int> LiveVersions { get; init; } = [];

    /// <summary>The calls that both answered.</summary>
    public long Rows { get; init; }

    /// <summary>When the first of the answers was given, in UTC.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>When the last of the answers was given, in UTC.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>The calls for which the shadow decides for another class; 0 for a regression.</summary>
    public long Changed { get; init; }

    /// <summary>
    /// The 95 % interval of the share of changed decisions, by Wilson (1927), as if calls were independent; NaN without a call that both
    /// answered.
    /// </summary>
    public ConfidenceInterval ChangedShare { get; init; } = new(double.NaN, double.NaN, 0.95);

    /// <summary>The mean of the differences of scores; NaN without a call that both answered.</summary>
    public double MeanDifference { get; init; } = double.NaN;

    /// <summary>The greatest difference of scores; NaN without a call that both answered.</summary>
    public double MaxDifference { get; init; } = double.NaN;

    /// <summary>The calls that the shadow failed to answer.</summary>
    public long Errors { get; init; }

    /// <summary>The calls that the shadow was not given since it was first there, because its queue was full.</summary>
    public long Dropped { get; init; }

    /// <summary>The median of the time that the shadow took for a row.</summary>
    public TimeSpan MedianLatency { get; init; }

    /// <summary>The 95th percentile of the time that the shadow took for a row.</summary>
    public TimeSpan Latency95 { get; init; }

    /// <summary>The 99th percentile of the time that the shadow took for a row.</summary>
    public TimeSpan Latency99 { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);

    internal static ShadowSummary Of(string model, int version, IReadOnlyList<ShadowAnswer> answers, long dropped)
    {
        var compared = answers.Where(answer => answer.Error is null).ToArray();
        double[] latencies = [.. compared.Select(answer => (double)answer.Latency.Ticks).Order()];
        var changed = compared.LongCount(answer => answer.IsChanged);
        var summary = new ShadowSummary
        {
            Model = model,
            Version = version,
            LiveVersions = [.. answers.Select(answer => answer.LiveVersion).Distinct().Order()],
            Rows = compared.Length,
            From = answers.Count == 0 ? default : answers.Min(answer => answer.At),
            Until = answers.Count == 0 ? default : answers.Max(answer => answer.At),
            Changed = changed,
            Errors = answers.Count - compared.Length,
            Dropped = dropped,
        };
        return compared.Length == 0
            ? summary
            : summary with
            {
                ChangedShare = Intervals.Wilson(changed, compared.Length),
                MeanDifference = compared.Average(answer => answer.Difference!.Value),
                MaxDifference = compared.Max(answer => answer.Difference!.Value),
                MedianLatency = At(0.5),
                Latency95 = At(0.95),
                Latency99 = At(0.99),
            };

        TimeSpan At(double quantile) => TimeSpan.FromTicks((long)Quantiles.OfSorted(latencies, quantile));
    }
}
