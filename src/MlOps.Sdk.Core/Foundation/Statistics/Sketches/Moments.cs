using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// Count, mean, variance, skewness, kurtosis, minimum and maximum of a stream, in constant memory; two can be merged without loss
/// (Chan, Golub and LeVeque 1979; Pébay 2008). Not thread-safe.
/// </summary>
public sealed class Moments
{
    private const byte FormatVersion = 1;

    /// <summary>Below it powers have lost digits, for they are the smallest of numbers.</summary>
    private const double SmallestPower = 1e-290;
    private double _mean;
    private double _m2;
    private double _m3;
    private double _m4;

    /// <summary>The number of values.</summary>
    public long Count { get; private set; }

    /// <summary>The smallest value; NaN when there is none.</summary>
    public double Minimum { get; private set; } = double.NaN;

    /// <summary>The largest value; NaN when there is none.</summary>
    public double Maximum { get; private set; } = double.NaN;

    /// <summary>The mean; NaN when there is no value.</summary>
    public double Mean => Count == 0 ? double.NaN : _mean;

    /// <summary>The variance with divisor n − 1; NaN with fewer than two values.</summary>
    public double Variance => Count < 2 ? double.NaN : _m2 / (Count - 1);

    /// <summary>The variance with divisor n; NaN when there is no value.</summary>
    public double PopulationVariance => Count == 0 ? double.NaN : _m2 / Count;

    /// <summary>The standard deviation with divisor n − 1; NaN with fewer than two values.</summary>
    public double StandardDeviation => Math.Sqrt(Variance);

    /// <summary>
    /// The skewness m₃ / m₂^1.5 (moments with divisor n); NaN when all values are equal, or when the powers lie outside the range of
    /// numbers (deviations beyond 10¹⁰⁰ or below 10⁻¹⁰⁰).
    /// </summary>
    public double Skewness => Math.Pow(_m2, 1.5) > SmallestPower ? Math.Sqrt(Count) * _m3 / Math.Pow(_m2, 1.5) : double.NaN;

    /// <summary>
    /// The excess kurtosis m₄ / m₂² − 3, 0 for a normal distribution; NaN when all values are equal, or when the powers lie outside the
    /// range of numbers (deviations beyond 10⁷⁵ or below 10⁻⁷⁵).
    /// </summary>
    public double ExcessKurtosis => _m2 * _m2 > SmallestPower ? Count * _m4 / (_m2 * _m2) - 3 : double.NaN;

    /// <summary>Adds a value.</summary>
    /// <param name="value">A finite value.</param>
    /// <exception cref="ArgumentException">The value is not finite.</exception>
    public void Add(double value) => Add(new ReadOnlySpan<double>(in value));

    /// <summary>Adds values.</summary>
    /// <param name="values">Finite values.</param>
    /// <exception cref="ArgumentException">A value is not finite; nothing was added.</exception>
    public void Add(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) return;
        double sum = 0, minimum = values[0], maximum = values[0];
        foreach (var value in values)
        {
            if (!double.IsFinite(value)) throw new ArgumentException("A value is not finite.", nameof(values));
            sum += value;
            if (value < minimum) minimum = value;
            if (value > maximum) maximum = value;
        }

        // The sum of n equal values, divided by n, may differ from the value; the difference would pass for variance.
        double mean = minimum == maximum ? minimum
            : double.IsFinite(sum) ? sum / values.Length
            : MeanOfParts(values), rest = 0, m2 = 0, m3 = 0, m4 = 0;
        foreach (var value in values)
        {
            var d = value - mean;
            var d2 = d * d;
            rest += d;
            m2 += d2;
            m3 += d2 * d;
            m4 += d2 * d2;
        }

        // Where the spread is a tiny part of the values, the rounding of the mean tells; the powers are those about the mean and its rest.
        rest /= values.Length;
        if (Math.Abs(rest) > 1e-12 * Math.Sqrt(m2 / values.Length))
        {
            var square = values.Length * rest * rest;
            m4 += rest * (6 * rest * m2 - 4 * m3) - 3 * square * rest * rest;
            m3 += rest * (2 * square - 3 * m2);
            m2 -= square;
            mean += rest;
        }

        Combine(values.Length, mean, m2, m3, m4, minimum, maximum);
    }

    /// <summary>Adds all values of another; the other is not changed.</summary>
    /// <param name="other">The other.</param>
    public void Merge(Moments other)
    {
        if (other.Count > 0) Combine(other.Count, other._mean, other._m2, other._m3, other._m4, other.Minimum, other.Maximum);
    }

    /// <summary>Adds a value that occurs several times.</summary>
    internal void Add(double value, long times) => Combine(times, value, 0, 0, 0, value, value);

    /// <summary>
    /// The moments of numbers that were counted elsewhere by ranges: about the smallest number first, since a mean that is far larger than
    /// the spread has lost digits, then about the mean.
    /// </summary>
    internal static Moments Of(IReadOnlyList<CountedRange> ranges)
    {
        var moments = new Moments();
        if (ranges.Count == 0) return moments;
        var (origin, count) = (ranges[0].Minimum, ranges.Sum(range => range.Count));
        double mean = 0, m2 = 0, m3 = 0, m4 = 0;
        foreach (var range in ranges) mean += (range.Origin - origin + range.Offset) * ((double)range.Count / count);
        foreach (var range in ranges)
        {
            var d = range.Origin - origin + range.Offset - mean;
            m2 += range.M2 + range.Count * d * d;
            m3 += range.M3 + 3 * d * range.M2 + range.Count * d * d * d;
            m4 += range.M4 + 4 * d * range.M3 + 6 * d * d * range.M2 + range.Count * d * d * d * d;
        }

        moments.Combine(count, origin + mean, m2, m3, m4, origin, ranges[^1].Maximum);
        return moments;
    }

    /// <summary>Writes the state; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Int64(Count);
        foreach (var value in (ReadOnlySpan<double>)[_mean, _m2, _m3, _m4, Minimum, Maximum]) writer.Double(value);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another version.</exception>
    public static Moments Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "moments sketch");
        var moments = Read(ref reader);
        reader.End();
        return moments;
    }

    internal static Moments Read(ref BinaryInput reader)
    {
        reader.Version(FormatVersion);
        var moments = new Moments
        {
            Count = reader.Count(),
            _mean = reader.Double(),
            _m2 = reader.Double(),
            _m3 = reader.Double(),
            _m4 = reader.Double(),
            Minimum = reader.Double(),
            Maximum = reader.Double(),
        };
        return moments.IsPossible ? moments : throw reader.Damaged("its numbers contradict each other");
    }

    // Powers may have overflowed to infinity, and then their sums to NaN: those are honest. The rest is not.
    private bool IsPossible => Count == 0
        ? _mean == 0 && _m2 == 0 && _m3 == 0 && _m4 == 0 && double.IsNaN(Minimum) && double.IsNaN(Maximum)
        : double.IsFinite(Minimum) && double.IsFinite(Maximum) && Minimum <= Maximum && !double.IsNaN(_mean) && !(_m2 < 0)
            && (double.IsInfinity(_mean) || (_mean >= Minimum - Slack && _mean <= Maximum + Slack));

    // Merging rounds the mean: it may pass a bound by a few units in the last place.
    private double Slack => 1e-9 * Math.Max(Math.Abs(Minimum), Math.Abs(Maximum));

    /// <summary>The mean where the sum lies beyond the largest number.</summary>
    private static double MeanOfParts(ReadOnlySpan<double> values)
    {
        var mean = 0.0;
        foreach (var value in values) mean += value / values.Length;
        return mean;
    }

    private void Combine(long count, double mean, double m2, double m3, double m4, double minimum, double maximum)
    {
        if (Count == 0)
        {
            (Count, _mean, _m2, _m3, _m4, Minimum, Maximum) = (count, mean, m2, m3, m4, minimum, maximum);
            return;
        }

        double a = Count, b = count, n = a + b;
        double d = mean - _mean, shift = d / n, d2 = d * shift;
        _m4 += m4 + a * b * (a * a - a * b + b * b) * d * shift * shift * shift
            + 6 * shift * shift * (a * a * m2 + b * b * _m2) + 4 * shift * (a * m3 - b * _m3);
        _m3 += m3 + a * b * (a - b) * d * shift * shift + 3 * shift * (a * m2 - b * _m2);
        _m2 += m2 + a * b * d2;
        _mean += b * shift;
        Count += count;
        Minimum = Math.Min(Minimum, minimum);
        Maximum = Math.Max(Maximum, maximum);
    }
}
