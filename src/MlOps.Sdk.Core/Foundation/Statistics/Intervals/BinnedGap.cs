namespace MlOps.Sdk.Statistics;

/// <summary>
/// The sum over bins of the size of the difference between the share of successes and the mean probability, each counted by the bin's
/// rows. The observed sum of n rows is larger than the true one, since chance alone opens gaps, and resampling the rows adds chance once
/// more. The interval inverts tests of the true sum instead.
/// </summary>
/// <remarks>
/// For a true sum, the bins' gaps are those nearest to the observed ones (in their standard errors) that add up to it; the successes and
/// failures of a bin are drawn from Poisson distributions with these shares, for another sample has other numbers of rows in its bins
/// (hybrid resampling, Chuang and Lai 2000; at a sum of 0 it is much like the consistency resampling of Bröcker and Smith 2007). A true sum
/// belongs to the interval where what was observed is neither too large nor too small for it.
/// </remarks>
internal sealed class BinnedGap
{
    private const int Steps = 20;

    // From this mean on, a count is drawn as a normal number.
    private const double NormalFrom = 25;

    private readonly BinGap[] _bins;
    private readonly double[] _variances;
    private readonly double[][] _draws;
    private readonly double[][] _normal;
    private readonly double _observed;

    /// <summary>Draws what the tests are made of.</summary>
    /// <param name="bins">The bins that have rows.</param>
    /// <param name="resamples">How often successes are drawn for each sum that is tested.</param>
    /// <param name="seed">The seed.</param>
    public BinnedGap(BinGap[] bins, int resamples, int seed)
    {
        _bins = bins;
        _observed = bins.Sum(bin => bin.Share * Math.Abs(bin.Observed - bin.Expected));

        // With one more row that is as likely a success as expected: a bin of equal outcomes is not known for sure.
        _variances = Array.ConvertAll(bins, bin =>
        {
            var share = (bin.Observed * bin.Rows + bin.Expected) / (bin.Rows + 1);
            var gap = share - bin.Expected;
            return bin.Share * bin.Share * Math.Max(1e-12, (share * (1 - share) + gap * gap) / bin.Rows);
        });

        // Of the successes of each bin, and of its failures.
        _draws = new double[2 * bins.Length][];
        _normal = new double[2 * bins.Length][];
        for (var of = 0; of < _draws.Length; of++)
        {
            var random = SeededRandom.For(seed, of);
            _draws[of] = new double[resamples];
            for (var i = 0; i < resamples; i++) _draws[of][i] = random.NextDouble() + Math.ScaleB(1, -54);
            _normal[of] = Array.ConvertAll(_draws[of], Distribution.NormalQuantile);
        }
    }

    /// <summary>The interval of the true sum, 0 to 1.</summary>
    /// <param name="level">The confidence.</param>
    public ConfidenceInterval Interval(double level) => new(At((1 + level) / 2), At((1 - level) / 2), level);

    /// <summary>The true sum for which no larger one than observed has a probability; 0 where that of 0 is smaller.</summary>
    public double At(double probability)
    {
        if (NotLarger(0) <= probability) return 0;
        double low = 0, high = _bins.Sum(Largest);
        for (var step = 0; step < Steps; step++)
        {
            var middle = low + (high - low) / 2;
            if (NotLarger(middle) > probability) low = middle;
            else high = middle;
        }

        return low + (high - low) / 2;
    }

    /// <summary>The probability that no larger sum than the one observed is drawn, equal ones counting half.</summary>
    private double NotLarger(double sum)
    {
        var drawn = new double[_draws[0].Length];
        var gaps = Nearest(sum);
        for (var bin = 0; bin < _bins.Length; bin++) Add(drawn, bin, _bins[bin].Expected + gaps[bin] / _bins[bin].Share);
        var below = 0.0;
        foreach (var one in drawn) below += Math.Abs(one - _observed) < 1e-9 ? 0.5 : one < _observed ? 1 : 0;
        return below / drawn.Length;
    }

    // A gap is (1 - e) for a success and -e for a failure, with e what is expected.
    private void Add(double[] drawn, int bin, double share)
    {
        var (weight, rows, expected, _) = _bins[bin];
        share = Math.Clamp(share, 0, 1);
        var successes = Counts(2 * bin, rows * share);
        var failures = Counts(2 * bin + 1, rows * (1 - share));
        for (var i = 0; i < drawn.Length; i++)
            drawn[i] += weight / rows * Math.Abs(successes[i] * (1 - expected) - failures[i] * expected);
    }

    private double[] Counts(int of, double mean)
    {
        if (mean >= NormalFrom) return Array.ConvertAll(_normal[of], z => mean + Math.Sqrt(mean) * z);
        var cumulated = new List<double>();
        double probability = Math.Exp(-mean), sum = 0;
        for (var k = 0; k <= mean || probability > 1e-18; k++)
        {
            cumulated.Add(sum += probability);
            probability *= mean / (k + 1);
        }

        return Array.ConvertAll(_draws[of], draw =>
        {
            var at = cumulated.BinarySearch(draw);
            return (double)(at < 0 ? ~at : at);
        });
    }

    /// <summary>The gaps with signs that add up to a sum in size, nearest to those observed.</summary>
    private double[] Nearest(double sum)
    {
        var sizes = Array.ConvertAll(_bins, bin => bin.Share * Math.Abs(bin.Observed - bin.Expected));
        double low = 0, high = 0;
        for (var bin = 0; bin < sizes.Length; bin++)
        {
            low = Math.Min(low, -sizes[bin] / _variances[bin]);
            high = Math.Max(high, (Largest(_bins[bin]) - sizes[bin]) / _variances[bin]);
        }

        for (var step = 0; step < 60; step++)
        {
            var middle = low + (high - low) / 2;
            var total = 0.0;
            for (var bin = 0; bin < sizes.Length; bin++) total += Moved(bin, middle);
            if (total < sum) low = middle;
            else high = middle;
        }

        var gaps = new double[sizes.Length];
        for (var bin = 0; bin < gaps.Length; bin++) gaps[bin] = Moved(bin, low) * (IsAbove(_bins[bin]) ? 1 : -1);
        return gaps;

        double Moved(int bin, double by) => Math.Clamp(sizes[bin] + by * _variances[bin], 0, Largest(_bins[bin]));
    }

    private static bool IsAbove(BinGap bin) =>
        bin.Observed == bin.Expected ? bin.Expected < 0.5 : bin.Observed > bin.Expected;

    private static double Largest(BinGap bin) => bin.Share * (IsAbove(bin) ? 1 - bin.Expected : bin.Expected);
}
