using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

/// <summary>
/// Without an effect, p-values must be uniform: a test that alarms too often here is wrong, and so is a
/// generator whose numbers hang together.
/// </summary>
public sealed class CalibrationTests
{
    private const int Runs = 2_000;

    public static IEnumerable<TestCaseData> Tests()
    {
        yield return Case("Spearman", (x, y) => Correlations.Spearman(x, y));
        yield return Case("Pearson", (x, y) => Correlations.Pearson(x, y));
        yield return Case("Mann-Whitney", (x, y) => TwoSample.MannWhitney(x, y));
        yield return Case("Welch", (x, y) => TwoSample.WelchT(x, y));
        yield return Case("Cramér-von Mises", (x, y) => TwoSample.CramerVonMises(x, y));
    }

    [TestCaseSource(nameof(Tests))]
    public void Test_NoEffect_AlarmsAsOftenAsItsLevelSays(Func<double[], double[], TestResult> test)
    {
        int atFive = 0, atFifty = 0;
        for (var run = 0; run < Runs; run++)
        {
            // Drawn in turn from one generator, as a table is filled row by row.
            var random = new SeededRandom((ulong)run);
            var (x, y) = (new double[80], new double[80]);
            for (var i = 0; i < x.Length; i++) (x[i], y[i]) = (random.NextDouble(), random.NextDouble());
            var p = test(x, y).PValue;
            if (p <= 0.05) atFive++;
            if (p <= 0.5) atFifty++;
        }

        // Four standard errors of a binomial share over the runs.
        Assert.That((double)atFive / Runs, Is.EqualTo(0.05).Within(4 * Math.Sqrt(0.05 * 0.95 / Runs)));
        Assert.That((double)atFifty / Runs, Is.EqualTo(0.5).Within(4 * Math.Sqrt(0.25 / Runs)));
    }

    private static TestCaseData Case(string name, Func<double[], double[], TestResult> test) =>
        new TestCaseData(test).SetArgDisplayNames(name);
}
