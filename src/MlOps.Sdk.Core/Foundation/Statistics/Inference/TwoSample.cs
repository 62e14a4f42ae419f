namespace MlOps.Sdk.Statistics;

/// <summary>
/// Tests of whether two samples come from one distribution; each equals its namesake in SciPy. Samples must not be empty
/// or contain NaN. Where a test has too few values to say anything, its p-value is NaN and the note says why. Thread-safe.
/// </summary>
public static class TwoSample
{
    /// <summary>
    /// Kolmogorov–Smirnov: the largest distance between the empirical distribution functions. The p-value is exact up to 10,000
    /// values a sample; above, it is that of the finite-n Kolmogorov distribution at n = round(n1·n2/(n1+n2)) (Simard and L'Ecuyer 2011),
    /// one-sided Hodges's approximation (1958). Exact one-sided values need a countable number of paths: beyond about 1,000 values, samples
    /// of different sizes are approximated too.
    /// </summary>
    /// <param name="a">The first sample; infinities are allowed.</param>
    /// <param name="b">The second sample.</param>
    /// <param name="alternative">The alternative hypothesis, on the distribution functions. Default: two-sided.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains NaN.</exception>
    public static TestResult KolmogorovSmirnov(
        ReadOnlySpan<double> a, ReadOnlySpan<double> b, Alternative alternative = Alternative.TwoSided) =>
        KolmogorovSmirnovStatistic.Run(a, b, alternative);

    /// <summary>
    /// Mann–Whitney U: whether values of one sample tend to be larger. Exact when the smaller sample has up to 8 values and there are no
    /// ties, else normal with continuity and tie correction. The effect is the rank-biserial correlation 2·U/(n1·n2) − 1.
    /// </summary>
    /// <param name="a">The first sample; infinities are allowed.</param>
    /// <param name="b">The second sample.</param>
    /// <param name="alternative">The alternative hypothesis. Default: two-sided.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains NaN.</exception>
    public static TestResult MannWhitney(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Alternative alternative = Alternative.TwoSided) =>
        MannWhitneyStatistic.Run(a, b, alternative);

    /// <summary>
    /// Welch's t: whether the means differ, with one variance per sample. The effect is Cohen's d (pooled standard deviation).
    /// </summary>
    /// <param name="a">The first sample, finite.</param>
    /// <param name="b">The second sample, finite.</param>
    /// <param name="alternative">The alternative hypothesis. Default: two-sided.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains a value that is not finite.</exception>
    public static TestResult WelchT(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Alternative alternative = Alternative.TwoSided) =>
        StudentStatistic.Run(a, b, alternative, equalVariances: false);

    /// <summary>Student's t: whether the means differ, with the pooled variance. The effect is Cohen's d.</summary>
    /// <param name="a">The first sample, finite.</param>
    /// <param name="b">The second sample, finite.</param>
    /// <param name="alternative">The alternative hypothesis. Default: two-sided.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains a value that is not finite.</exception>
    public static TestResult StudentT(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Alternative alternative = Alternative.TwoSided) =>
        StudentStatistic.Run(a, b, alternative, equalVariances: true);

    /// <summary>
    /// Cramér–von Mises: the squared distance between the distribution functions. Exact up to 20 values a sample, then
    /// asymptotic. Needs two values each.
    /// </summary>
    /// <remarks>
    /// Asymptotic p-values below about 1e-9 are those of the upper tail of the limiting distribution; SciPy's, one minus the distribution
    /// function, are rounding there. They say how far out the statistic is under the limit, which for small samples is not the probability.
    /// </remarks>
    /// <param name="a">The first sample; infinities are allowed.</param>
    /// <param name="b">The second sample.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains NaN.</exception>
    public static TestResult CramerVonMises(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => CramerVonMisesStatistic.Run(a, b);

    /// <summary>
    /// Anderson–Darling for two samples, midrank version (Scholz and Stephens 1987): sensitive in the tails. The p-value is interpolated
    /// and kept within [0.001, 0.25]; the note says when it was cut.
    /// </summary>
    /// <param name="a">The first sample; infinities are allowed.</param>
    /// <param name="b">The second sample.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains NaN.</exception>
    public static TestResult AndersonDarling(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => AndersonDarlingStatistic.Run(a, b);

    /// <summary>
    /// Anderson–Darling for several samples, midrank version (Scholz and Stephens 1987): whether all come from one distribution. The
    /// p-value is interpolated in the paper's table and kept within [0.001, 0.25]; the note says when it was cut. Of more than two samples,
    /// the result's first size is that of all together. In time proportional to the values times the samples.
    /// </summary>
    /// <param name="samples">At least two samples, of any sizes; infinities are allowed.</param>
    /// <returns>NaN for statistic and p where all values are equal, or where there are fewer than four.</returns>
    /// <exception cref="ArgumentException">There are fewer than two samples, or one is empty or contains NaN.</exception>
    public static TestResult AndersonDarling(IReadOnlyList<double[]> samples) => AndersonDarlingStatistic.Run(samples);

    /// <summary>
    /// Epps–Singleton: compares characteristic functions; does not assume continuous distributions. Needs five values each.
    /// </summary>
    /// <param name="a">The first sample, finite.</param>
    /// <param name="b">The second sample, finite.</param>
    /// <exception cref="ArgumentException">A sample is empty or contains a value that is not finite.</exception>
    public static TestResult EppsSingleton(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => EppsSingletonStatistic.Run(a, b);
}
