using System.Numerics.Tensors;

namespace MlOps.Sdk.Statistics;

/// <summary>How strongly two variables go together. Values are paired by position. Thread-safe.</summary>
public static class Correlations
{
    /// <summary>Unit vectors that are nearer than this differ by rounding alone.</summary>
    private const double SameLine = 16 * 2.2e-16;

    /// <summary>
    /// Pearson's r and its two-sided p-value (t distribution with n − 2 degrees of freedom). Undefined when a variable is constant.
    /// </summary>
    /// <param name="x">The first variable, finite; at least two values.</param>
    /// <param name="y">The second variable, as many values.</param>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than two values, or one is not finite.</exception>
    public static TestResult Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Samples.RequireFinite(x, nameof(x));
        Samples.RequireFinite(y, nameof(y));
        return Linear("Pearson", "Pearson's r", x, y);
    }

    /// <summary>
    /// Spearman's ρ: Pearson's r of the midranks, with its two-sided p-value (t distribution with n − 2 degrees of freedom).
    /// Undefined when a variable is constant.
    /// </summary>
    /// <param name="x">The first variable; infinities are allowed; at least two values.</param>
    /// <param name="y">The second variable, as many values.</param>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than two values, or one is NaN.</exception>
    public static TestResult Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Samples.Require(x, nameof(x));
        Samples.Require(y, nameof(y));
        var result = Linear("Spearman", "Spearman's rho", Ranks.Of(x, out _), Ranks.Of(y, out _));
        return x.Length == 2 && !double.IsNaN(result.Statistic)
            ? result with { PValue = double.NaN, Note = "Two values have no p-value." }
            : result;
    }

    /// <summary>The correlation of a yes/no variable with a number: Pearson's r of the variable coded 0 and 1.</summary>
    /// <param name="indicator">The yes/no variable; at least two values.</param>
    /// <param name="values">The number, finite, as many values.</param>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than two values, or one is not finite.</exception>
    public static TestResult PointBiserial(ReadOnlySpan<bool> indicator, ReadOnlySpan<double> values)
    {
        Samples.RequireFinite(values, nameof(values));
        var coded = new double[indicator.Length];
        for (var i = 0; i < coded.Length; i++) coded[i] = indicator[i] ? 1 : 0;
        return Linear("point-biserial", "point-biserial r", coded, values);
    }

    /// <summary>Cramér's V, 0 to 1, without bias or continuity correction. NaN when one variable has a single level.</summary>
    /// <param name="table">
    /// The counts, levels of one variable × levels of the other; not negative. Empty rows and columns are left out.
    /// </param>
    /// <exception cref="ArgumentException">A count is negative, or all are zero.</exception>
    public static double CramersV(long[,] table) => ContingencyTable.From(table).CramersV();

    /// <summary>
    /// Cramér's V corrected for bias (Bergsma 2013): 0 is what unrelated variables have on average, however many levels there are. NaN when
    /// one variable has a single level, or every row its own.
    /// </summary>
    /// <param name="table">
    /// The counts, levels of one variable × levels of the other; not negative. Empty rows and columns are left out.
    /// </param>
    /// <exception cref="ArgumentException">A count is negative, or all are zero.</exception>
    public static double CramersVCorrected(long[,] table) => ContingencyTable.From(table).CramersVCorrected();

    /// <summary>The mutual information of two variables with levels, in nats, by the plug-in estimate (not corrected for bias).</summary>
    /// <param name="x">The level of each row in the first variable, as any code.</param>
    /// <param name="y">The level of each row in the second variable.</param>
    /// <exception cref="ArgumentException">The lengths differ, or there are no rows.</exception>
    public static double MutualInformation(ReadOnlySpan<int> x, ReadOnlySpan<int> y)
    {
        Samples.RequirePaired(x.Length, y.Length, nameof(y));
        if (x.IsEmpty) throw new ArgumentException("There are no rows.", nameof(x));
        var joint = new Dictionary<(int X, int Y), long>();
        var ofX = new Dictionary<int, long>();
        var ofY = new Dictionary<int, long>();
        for (var i = 0; i < x.Length; i++)
        {
            joint[(x[i], y[i])] = joint.GetValueOrDefault((x[i], y[i])) + 1;
            ofX[x[i]] = ofX.GetValueOrDefault(x[i]) + 1;
            ofY[y[i]] = ofY.GetValueOrDefault(y[i]) + 1;
        }

        double n = x.Length, sum = 0;
        foreach (var ((levelX, levelY), count) in joint) sum += count / n * Math.Log(count * n / ((double)ofX[levelX] * ofY[levelY]));
        return Math.Max(0, sum);
    }

    private static TestResult Linear(string test, string effect, ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Samples.RequirePaired(x.Length, y.Length, nameof(y));
        if (x.Length < 2) throw new ArgumentException("A correlation needs at least two values.", nameof(x));
        var n = x.Length;
        if (Samples.IsConstant(x) || Samples.IsConstant(y))
            return new TestResult(test, double.NaN, double.NaN, double.NaN, effect, n, 0, "A variable is constant.");
        var (u, v) = (UnitDeviations(x), UnitDeviations(y));
        var r = TensorPrimitives.Dot<double>(u, v);

        // Near a line, 1 − |r| is half the squared length of u ∓ v; subtracted from 1 it would be rounding, and p the root of rounding.
        if (r < 0) TensorPrimitives.Negate<double>(v, v);
        var apart = TensorPrimitives.Distance<double>(u, v);
        if (apart < SameLine) apart = 0;
        var shortOfOne = apart * apart / 2;
        if (Math.Abs(r) > 0.5) r = Math.CopySign(1 - shortOfOne, r);
        var p = n == 2 ? 1 : Distribution.StudentP(r * Math.Sqrt((n - 2) / (shortOfOne * (2 - shortOfOne))), n - 2, Alternative.TwoSided);
        return new TestResult(test, r, p, r, effect, n, 0);
    }

    /// <summary>The deviations from the mean, scaled to length 1.</summary>
    private static double[] UnitDeviations(ReadOnlySpan<double> values)
    {
        var deviations = new double[values.Length];
        Samples.Balance(ref values);
        TensorPrimitives.Subtract(values, Samples.Mean(values), deviations);

        // Once more: the mean itself is rounded, which tells where the spread is a tiny part of the values.
        TensorPrimitives.Subtract(deviations, TensorPrimitives.Sum<double>(deviations) / deviations.Length, deviations);

        // First to 1 at most: squares of 1e200 overflow, and those of 1e-200 vanish.
        TensorPrimitives.Divide(deviations, Math.Abs(TensorPrimitives.MaxMagnitude<double>(deviations)), deviations);
        TensorPrimitives.Divide(deviations, TensorPrimitives.Norm<double>(deviations), deviations);
        return deviations;
    }
}
