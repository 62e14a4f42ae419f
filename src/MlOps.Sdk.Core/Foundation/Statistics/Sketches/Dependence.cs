namespace MlOps.Sdk.Statistics;

/// <summary>
/// How dependent the rows of a reference are, by the length of the window: the design effect, by which the variance of a mean exceeds that
/// of independent rows. Immutable and thread-safe.
/// </summary>
internal sealed class Dependence
{
    /// <summary>How improbable the variance between blocks must be for independent rows to be doubted.</summary>
    private const double Doubt = 0.002;

    /// <summary>
    /// The share of the variance between the shortest blocks from which on rows are sorted by their values: their order is not that of
    /// time, and tells nothing of windows.
    /// </summary>
    private const double Sorted = 0.5;

    private readonly double[] _effects;
    private readonly double[] _lengths;

    private Dependence(double[] lengths, double[] effects)
    {
        _lengths = lengths;
        _effects = effects;
    }

    /// <summary>Independent rows.</summary>
    public static Dependence None { get; } = new([], []);

    public bool IsFound => _effects.Length > 0;

    /// <summary>Compares the means of blocks, then of pairs of blocks, and so on up to the eight longest.</summary>
    /// <param name="sizes">Rows per block.</param>
    /// <param name="sums">Per score, its sums per block.</param>
    /// <param name="means">Per score, its mean over all rows.</param>
    /// <param name="variance">The variance of a row, summed over the scores.</param>
    public static Dependence Of(double[] sizes, double[][] sums, double[] means, double variance)
    {
        var (lengths, effects, isFound) = (new List<double>(), new List<double>(), false);
        for (var count = sizes.Length; count >= BlockCounts.Fewest; count /= 2)
        {
            var group = sizes.Length / count;
            double between = 0, length = 0;
            for (var i = 0; i < count; i++)
            {
                var size = Sum(sizes, i * group, group);
                length += size / count;
                if (size == 0) continue;
                for (var k = 0; k < sums.Length; k++)
                {
                    var gap = Sum(sums[k], i * group, group) / size - means[k];
                    between += size * gap * gap;
                }
            }

            var effect = between / (count - 1) / variance;
            var degrees = (count - 1.0) * Math.Max(1, sums.Length - 1);
            isFound |= Distribution.ChiSquareTail(effect * degrees, degrees) < Doubt;

            // Longer windows of rows that resemble each other depend at least as much as shorter ones.
            lengths.Add(length);
            effects.Add(Math.Max(effect, effects.Count > 0 ? effects[^1] : 1));
        }

        return isFound && effects[0] < Sorted * lengths[0] ? new Dependence([.. lengths], [.. effects]) : None;
    }

    /// <summary>
    /// The design effect of a window: measured for windows as long as the blocks, interpolated between them on a scale of logarithms.
    /// Beyond the longest blocks it is taken to grow with the root of the length, between what rows and what whole days do.
    /// </summary>
    public double Effect(double rows)
    {
        if (!IsFound || rows <= 1) return 1;
        if (rows >= _lengths[^1]) return _effects[^1] * Math.Sqrt(rows / _lengths[^1]);
        var (length, effect) = (1.0, 1.0);
        for (var i = 0; i < _lengths.Length; i++)
        {
            if (rows <= _lengths[i])
            {
                var part = Math.Log(rows / length) / Math.Log(_lengths[i] / length);
                return effect * Math.Pow(_effects[i] / effect, part);
            }

            (length, effect) = (_lengths[i], _effects[i]);
        }

        return effect;
    }

    /// <summary>How many blocks as long as the window told the effect, less one: the degrees of freedom of a mean's error.</summary>
    public double Degrees(double rows) => IsFound
        ? Math.Clamp(_lengths[^1] * BlockCounts.Fewest / Math.Max(rows, 1), BlockCounts.Fewest, BlockCounts.Limit) - 1
        : double.PositiveInfinity;

    private static double Sum(double[] values, int from, int count)
    {
        var sum = 0.0;
        for (var i = from; i < from + count; i++) sum += values[i];
        return sum;
    }
}
