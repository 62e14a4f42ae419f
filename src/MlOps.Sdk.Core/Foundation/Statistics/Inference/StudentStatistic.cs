namespace MlOps.Sdk.Statistics;

/// <summary>Tests of two means: Student's with the pooled variance, Welch's with one variance per sample.</summary>
internal static class StudentStatistic
{
    public static TestResult Run(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Alternative alternative, bool equalVariances)
    {
        Samples.RequireFinite(a, nameof(a));
        Samples.RequireFinite(b, nameof(b));
        Samples.Balance(ref a, ref b); // t and d have no unit
        double n1 = a.Length, n2 = b.Length;
        var (mean1, rest1, squares1) = Samples.Spread(a);
        var (mean2, rest2, squares2) = Samples.Spread(b);
        var pooled = (squares1 + squares2) / (n1 + n2 - 2);
        double degrees, error;
        if (equalVariances)
        {
            degrees = n1 + n2 - 2;
            error = Math.Sqrt(pooled * (1 / n1 + 1 / n2));
        }
        else
        {
            var (part1, part2) = (squares1 / (n1 - 1) / n1, squares2 / (n2 - 1) / n2);
            error = Math.Sqrt(part1 + part2);

            // The Welch–Satterthwaite degrees of freedom.
            degrees = (part1 + part2) * (part1 + part2) / (part1 * part1 / (n1 - 1) + part2 * part2 / (n2 - 1));
            if (double.IsNaN(degrees) && error == 0) degrees = 1;
        }

        var difference = mean1 - mean2;

        // What the means cannot hold counts where it can be seen; else it is rounding, and equal means stay equal.
        if (Math.Abs(rest1 - rest2) > 1e-12 * error) difference += rest1 - rest2;
        var t = difference / error;
        var note = !double.IsNaN(t) ? null : error == 0 ? "Both samples are constant and equal." : "Too few values for a variance.";
        return new TestResult(
            equalVariances ? "Student t" : "Welch t",
            t,
            Distribution.StudentP(t, degrees, alternative),
            difference / Math.Sqrt(pooled),
            "Cohen's d",
            a.Length,
            b.Length,
            note);
    }
}
