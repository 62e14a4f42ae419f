using MlOps.Sdk.Metrics;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// By how much a metric is worse on rows than on others that are independent of them, in the metric's unit. The interval of the difference
/// comes from those of the two values: the distances to their bounds, added in squares (Zou and Donner 2008, "Construction of confidence
/// intervals about effect measures"; of two shares with Wilson's limits it is Newcombe's). The p-value is that of the normal statistic
/// whose interval it is, one-sided: that the metric is not worse.
/// </summary>
/// <param name="Difference">By how much it is worse; negative where it is better.</param>
/// <param name="Lower">The lower bound of the 95 % interval of the difference.</param>
/// <param name="Z">The statistic.</param>
/// <param name="PValue">The p-value.</param>
internal readonly record struct Worsening(double Difference, double Lower, double Z, double PValue)
{
    /// <summary>The confidence of the intervals that are compared, two-sided.</summary>
    public const double Level = 0.95;

    private static readonly double s_quantile = Distribution.NormalQuantile(0.5 + Level / 2);

    /// <summary>Compares two values, each with its interval.</summary>
    /// <param name="direction">Which values are better.</param>
    /// <param name="before">The value to compare with.</param>
    /// <param name="after">The value that may be worse.</param>
    public static Worsening Between(Direction direction, MetricValue before, MetricValue after)
    {
        var (old, now) = (Badness.Of(direction, before), Badness.Of(direction, after));
        var difference = now.Middle - old.Middle;
        var half = Math.Sqrt(((now.Middle - now.Lower) * (now.Middle - now.Lower)) + ((old.Upper - old.Middle) * (old.Upper - old.Middle)));
        var z = half > 0 ? s_quantile * difference / half : difference > 0 ? double.MaxValue : difference < 0 ? double.MinValue : 0;
        return new Worsening(now.Value - old.Value, difference - half, z, Distribution.NormalP(z, Alternative.Greater));
    }

    /// <summary>
    /// A value turned so that more is worse. Where chance moves a value away from what is true, its interval may lie beside it: then the
    /// nearer bound is the middle.
    /// </summary>
    private readonly record struct Badness(double Value, double Middle, double Lower, double Upper)
    {
        public static Badness Of(Direction direction, MetricValue value)
        {
            var (at, low, high) = direction switch
            {
                Direction.Up => (-value.Value, -value.Upper, -value.Lower),
                Direction.Down => (value.Value, value.Lower, value.Upper),
                _ => (
                    Math.Abs(value.Value),
                    value.Lower <= 0 && value.Upper >= 0 ? 0 : Math.Min(Math.Abs(value.Lower), Math.Abs(value.Upper)),
                    Math.Max(Math.Abs(value.Lower), Math.Abs(value.Upper))),
            };
            return new Badness(at, Math.Clamp(at, low, high), low, high);
        }
    }
}
