using System.Globalization;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Compares how many calls came in the latest period with those of an earlier one of the same length, over all versions. Counts vary more
/// than those of a Poisson process do: the error of their ratio is estimated from pairs of parts, each with the part at the same place of
/// the other period (Cochran 1977, "Sampling Techniques", chapter 6), so that a course of the day that is the same in both tells nothing.
/// Parts are taken as independent of each other. Thread-safe.
/// </summary>
internal sealed class VolumeMonitor(TimeSpan period, TimeSpan back, double atMostTimes) : ISignalling
{
    private const int Parts = 24;

    /// <summary>Fewer calls in both periods together tell nothing of how they vary.</summary>
    private const long FewestCalls = 100;

    private const double Level = 0.95;

    public string Name => "volume";

    public Signal Signal => Signal.Volume;

    public MonitorNeeds Needs => MonitorNeeds.Calls;

    public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
        MonitoringWindow window, CancellationToken cancellationToken = default)
    {
        var measurement = new Measurement
        {
            Signal = Signal.Volume,
            Subject = "calls",
            Statistic = "t of paired parts",
            Value = double.NaN,
            Effect = "times as many, or as few, calls",
            EffectSize = 1,
            Material = atMostTimes,
        };
        if (window.Main is { } main)
        {
            return
            [
                measurement with
                {
                    NotMeasured = string.Create(CultureInfo.InvariantCulture, $"The report of version {main} has it, over all versions."),
                },
            ];
        }
        if (!window.Records.Exist) return [measurement with { NotMeasured = CallLimits.NothingCounted }];
        var part = period / Parts;
        var (from, before) = (window.To - (part * Parts), window.To - (part * Parts) - back);
        if (await window.Records.VolumeAsync(before, part, Parts, cancellationToken).ConfigureAwait(false) is not { } earlier)
        {
            return
            [
                measurement with { NotMeasured = $"Calls are not counted since {before.UtcDateTime:u}, when the earlier period begins." },
            ];
        }
        var latest = await window.Records.VolumeAsync(from, part, Parts, cancellationToken).ConfigureAwait(false) ?? new long[Parts];
        return [Compare(measurement with { CurrentRows = latest.Sum(), ReferenceRows = earlier.Sum() }, earlier, latest)];
    }

    /// <summary>Compares the counts of the parts of both periods.</summary>
    internal static Measurement Compare(Measurement measurement, long[] earlier, long[] latest)
    {
        var (n, m) = (earlier.Sum(), latest.Sum());
        if (n + m < FewestCalls) return measurement with { NotMeasured = CallLimits.TooFew(n + m, FewestCalls) };

        // Half a call more on either side: no call at all is no ratio of 0, and no infinite one.
        var ratio = Math.Log((m + 0.5) / (n + 0.5));
        var (error, degrees) = ErrorOf(earlier, latest);
        var t = ratio / error;
        var lower = Math.Abs(ratio) - Distribution.StudentQuantile(0.5 + Level / 2, degrees) * error;
        return measurement with
        {
            Value = t,

            // Silence is no estimate: a model that is called once a night has no parts to tell how its calls vary.
            PValue = m == 0 ? null : Distribution.StudentP(t, degrees, Alternative.TwoSided),
            EffectSize = Math.Exp(Math.Abs(ratio)),
            EffectLower = m == 0 ? null : Math.Exp(Math.Max(0, lower)),
            Note = $"{Prose.Count(m, "call")} in the latest period, {Prose.Count(n)} in the earlier one",
        };
    }

    /// <summary>
    /// The standard error of the logarithm of the ratio, at least that of Poisson counts, and the degrees of freedom: of as many parts as
    /// would weigh the same if they were alike (Kish 1965).
    /// </summary>
    private static (double Error, double Degrees) ErrorOf(long[] earlier, long[] latest)
    {
        var (n, m) = (earlier.Sum() + 0.5, latest.Sum() + 0.5);
        double residuals = 0, weights = 0, squares = 0;
        for (var i = 0; i < earlier.Length; i++)
        {
            var (before, now) = (earlier[i] / n, latest[i] / m);
            residuals += (now - before) * (now - before);
            weights += (before + now) / 2;
            squares += (before + now) * (before + now) / 4;
        }

        var parts = weights * weights / squares;
        var variance = Math.Max(residuals * earlier.Length / (earlier.Length - 1), 1 / n + 1 / m);
        return (Math.Sqrt(variance), Math.Max(1, parts - 1));
    }
}
