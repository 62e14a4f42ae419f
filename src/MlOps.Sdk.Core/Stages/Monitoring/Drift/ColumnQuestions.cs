using System.Globalization;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// What is asked of a column: of numbers whether they moved, spread or changed their shape; of levels whether their shares changed, or new
/// ones came; of all whether more or fewer values are missing or infinite. Each has a test that is valid at its counts, and an effect on
/// one scale, where 0.1 is a tenth of a standard deviation or, of shares near one half, five points.
/// </summary>
/// <remarks>
/// Where the reference's rows depend on each other, counts are scaled down by their design effect, and tests allow for its own error
/// (Student's distribution with the number of blocks).
/// </remarks>
internal sealed class ColumnQuestions
{
    /// <summary>A one-sided bound of 95 %.</summary>
    private const double Bound = 0.95;

    /// <summary>A one-sided bound of 99 %, for what is asked in all directions at once.</summary>
    private const double TableBound = 0.99;

    /// <summary>The largest distance of two distribution functions that are a standard deviation apart is this much per unit.</summary>
    private const double DistancePerShift = 0.4;

    /// <summary>The 90 % quantile of the Kolmogorov distribution.</summary>
    private const double DistanceBound = 1.2239;

    private readonly ReferenceBins _bins;
    private readonly long[] _reference;
    private readonly long[] _current;
    private readonly double _material;
    private readonly List<Question> _asked = [];

    /// <param name="bins">The bins of the reference.</param>
    /// <param name="reference">The reference's counts to compare with, missing values last.</param>
    /// <param name="current">The window's counts in the same bins.</param>
    /// <param name="material">From which effect a change matters.</param>
    public ColumnQuestions(ReferenceBins bins, long[] reference, long[] current, double material)
    {
        _bins = bins;
        _reference = reference;
        _current = current;
        _material = material;
    }

    public IReadOnlyList<Question> Asked => _asked;

    /// <summary>Whether values are missing more or less often; exact at any count.</summary>
    public void AskMissing(long reference, long referenceRows, long current, long currentRows)
    {
        if (reference + current == 0) return;
        AskShare("missing values", reference, referenceRows, current, currentRows, _bins.Blocks.OfBin(_bins.BinCount - 1));
    }

    /// <summary>Whether values are infinite more or less often; exact at any count.</summary>
    public void AskInfinite(long reference, long referenceRows, long current, long currentRows)
    {
        if (reference + current > 0) AskShare("infinite values", reference, referenceRows, current, currentRows, Dependence.None);
    }

    /// <summary>Whether more rows hold new levels than the rare levels of the reference let expect; exact at any count.</summary>
    public void AskNewLevels(long fresh, long asked)
    {
        var known = _bins.Known;
        if (fresh == 0 || known.Rows == 0 || (double)fresh / asked <= (double)known.Rare / known.Rows) return;
        AskShare("new levels", known.Rare, known.Rows, fresh, asked, Dependence.None);
    }

    /// <summary>Whether the shares of levels changed.</summary>
    /// <param name="fresh">Rows of the window with new levels, which are a separate question.</param>
    public void AskLevels(long fresh)
    {
        var (reference, current) = (_reference[..^1], _current[..^1]);
        if (!_bins.AreLevelsChosen) current[^1] -= Math.Min(fresh, current[^1]);
        var (n, m) = (reference.Sum(), current.Sum());
        if (n == 0 || m == 0) return;
        var used = Enumerable.Range(0, reference.Length).Count(bin => reference[bin] + current[bin] > 0);
        if (used < 2) return;
        AskLargestShare(reference, current, n, m, used);
        if (used > 2) AskTable(reference, current, n, m);
    }

    /// <summary>Whether numbers moved or spread, from their counts in the reference's bins.</summary>
    public void AskTrends()
    {
        var (reference, current) = (_reference[..^1], _current[..^1]);
        var (n, m) = (reference.Sum(), current.Sum());
        if (n == 0 || m == 0) return;
        var both = new long[reference.Length];
        for (var bin = 0; bin < both.Length; bin++) both[bin] = reference[bin] + current[bin];
        var outside = 1 - (double)both.Max() / (n + m);
        if (Math.Min(n, m) * outside < BinTrends.SmallestOutside)
        {
            // Nearly all rows are in one bin: how many are not is exact at any count.
            var fullest = Array.IndexOf(both, both.Max());
            if (outside == 0) return;
            AskShare($"values {_bins.Describe(fullest)}", reference[fullest], n, current[fullest], m, _bins.Blocks.OfBin(fullest));
            return;
        }

        var ranks = BinTrends.MidRanks(both);
        AskTrend("Wilcoxon on deciles", "shift of the mean rank", ranks, reference, current);
        AskTrend("Mood on deciles", "change of the spread", BinTrends.Distances(ranks), reference, current);
    }

    /// <summary>Whether the shape of numbers changed, from their counts in the reference's bins.</summary>
    public void AskBins()
    {
        var (reference, current) = (_reference[..^1], _current[..^1]);
        var (n, m) = (reference.Sum(), current.Sum());
        if (n > 0 && m > 0) AskTable(reference, current, n, m);
    }

    /// <summary>Whether the distribution functions of numbers differ.</summary>
    /// <param name="test">Kolmogorov–Smirnov of all values, or of sketches.</param>
    /// <param name="error">By how much its distance may be wrong.</param>
    public void AskDistance(TestResult test, double error)
    {
        if (double.IsNaN(test.PValue)) return;
        var (n, m) = ((double)test.N1, (double)test.N2);
        var distance = Math.Max(0, test.Statistic - error);
        var p = test.PValue;
        var dependence = OfNumbers(m);
        if (dependence.IsFound)
        {
            (n, m) = (n / dependence.Effect(n), m / dependence.Effect(m));
            p = Math.Max(p, KolmogorovDistribution.Tail((int)Math.Max(1, Math.Round(n * m / (n + m))), distance));
        }

        var lower = Math.Max(0, distance - DistanceBound * Math.Sqrt(1 / n + 1 / m));
        _asked.Add(new Question("KS", test.Statistic, p, "D", test.Statistic, lower, DistancePerShift * _material, test.Note));
    }

    private void AskShare(string what, long reference, long referenceRows, long current, long currentRows, Dependence dependence)
    {
        if (referenceRows > 0 && currentRows > 0) _asked.Add(Share(what, reference, referenceRows, current, currentRows, dependence));
    }

    private Question Share(string what, long reference, long referenceRows, long current, long currentRows, Dependence dependence)
    {
        var (p, q) = ((double)reference / referenceRows, (double)current / currentRows);
        var h = Math.Abs(LevelShares.CohensH(p, q));
        var (n, m) = (referenceRows / dependence.Effect(referenceRows), currentRows / dependence.Effect(currentRows));
        var error = Math.Sqrt(1 / n + 1 / m);
        var pValue = LevelShares.TwoLevels(p * n, n, q * m, m);
        if (dependence.IsFound) pValue = Math.Max(pValue, StudentP(h / error, dependence, currentRows));
        return new Question(
            $"Fisher exact of {what}",
            q - p,
            pValue,
            "Cohen's h",
            h,
            Lower(h, error, dependence, currentRows),
            _material,
            string.Create(CultureInfo.InvariantCulture, $"{what}: {Percent(p)} → {Percent(q)}"));
    }

    private void AskLargestShare(long[] reference, long[] current, long n, long m, int used)
    {
        Question? strongest = null;
        for (var bin = 0; bin < reference.Length; bin++)
        {
            if (reference[bin] + current[bin] == 0) continue;
            var dependence = Larger(_bins.Blocks.OfBin(bin), _bins.Blocks.OfTable, m);
            var question = Share($"'{_bins.Describe(bin)}'", reference[bin], n, current[bin], m, dependence);

            // Of two levels one says all.
            question = question with { PValue = Math.Min(1, question.PValue * (used == 2 ? 1 : used)) };
            if (strongest is null || Stronger(question, strongest)) strongest = question;
        }

        _asked.Add(strongest!);
    }

    /// <summary>Whether one answer says more than another: a material one first, then the more significant.</summary>
    public static bool Stronger(Question question, Question other) =>
        question.IsMaterial != other.IsMaterial ? question.IsMaterial
        : question.PValue != other.PValue ? question.PValue < other.PValue
        : question.EffectSize > other.EffectSize;

    private void AskTable(long[] reference, long[] current, long n, long m)
    {
        // Where rows depend on each other, they do so in each direction by another amount, and a table sums over all of them.
        if ((_bins.HasLevels ? _bins.Blocks.OfTable : OfNumbers(m)).IsFound) return;
        var (test, levels) = PooledLevels.Run(reference, current, yates: false, likelihood: false);
        if (levels < 3) return;
        var degrees = levels - 1;
        var size = (double)n * m / (n + m);

        // χ² is n·w² plus its degrees of freedom, on average: the bound of w is that of a noncentral χ².
        var excess = Math.Max(0, test.Statistic - degrees);
        var lower = Math.Max(0, excess - Distribution.NormalQuantile(TableBound) * Math.Sqrt(2 * degrees + 4 * excess));
        _asked.Add(new Question(
            "χ²", test.Statistic, test.PValue, "Cohen's w", Math.Sqrt(excess / size), Math.Sqrt(lower / size), _material, test.Note));
    }

    private void AskTrend(string statistic, string effect, double[] scores, long[] reference, long[] current)
    {
        var difference = BinTrends.Difference(scores, reference, current);
        var (n, m) = (reference.Sum(), current.Sum());
        var dependence = OfNumbers(m);
        var error = Math.Sqrt(dependence.Effect(n) / n + dependence.Effect(m) / m);
        var z = difference / error;
        _asked.Add(new Question(
            statistic,
            z,
            dependence.IsFound ? StudentP(z, dependence, m) : Distribution.NormalP(z, Alternative.TwoSided),
            effect,
            Math.Abs(difference),
            Lower(Math.Abs(difference), error, dependence, m),
            _material,
            null));
    }

    private static double StudentP(double t, Dependence dependence, long rows) =>
        Distribution.StudentP(t, dependence.Degrees(rows), Alternative.TwoSided);

    private static double Lower(double effect, double error, Dependence dependence, long rows)
    {
        var quantile = dependence.IsFound
            ? Distribution.StudentQuantile(Bound, dependence.Degrees(rows))
            : Distribution.NormalQuantile(Bound);
        return Math.Max(0, effect - quantile * error);
    }

    /// <summary>The dependence of numbers: in their place or their spread, whichever is the larger.</summary>
    private Dependence OfNumbers(double rows) => Larger(_bins.Blocks.OfPlace, _bins.Blocks.OfSpread, rows);

    private static Dependence Larger(Dependence one, Dependence other, double rows) =>
        one.Effect(rows) >= other.Effect(rows) ? one : other;

    private static string Percent(double share) =>
        (100 * share).ToString(share is > 0 and < 0.001 ? "0.###" : "0.0", CultureInfo.InvariantCulture) + " %";
}
