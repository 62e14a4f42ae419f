using System.Globalization;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>An interval in a setting where the truth is known.</summary>
/// <param name="What">The metric.</param>
/// <param name="Setting">Where the rows come from.</param>
/// <param name="Rows">The rows of a sample.</param>
/// <param name="Truth">What the interval should hold.</param>
/// <param name="Draw">Draws a sample and gives the bounds of its interval; NaN where there is none.</param>
internal sealed record CoverageCase(string What, string Setting, int Rows, double Truth, Func<Random, (double Lower, double Upper)> Draw)
{
    private const double Least = 93;
    private const double Most = 97;

    /// <summary>Whether rows are drawn for each interval, which takes time.</summary>
    public bool IsResampled { get; init; }

    /// <summary>Why the coverage is missed where it is.</summary>
    public string Why { get; init; } = "";

    /// <summary>A row of the table: the share of the intervals that hold the truth, and of those that miss it on either side.</summary>
    /// <param name="repetitions">The number of samples; half of them where rows are drawn for each.</param>
    public string Measure(int repetitions)
    {
        var samples = IsResampled ? repetitions / 2 : repetitions;
        int held = 0, above = 0, below = 0;
        for (var sample = 0; sample < samples; sample++)
        {
            var (lower, upper) = Draw(new Random(sample));
            if (double.IsNaN(lower) || double.IsNaN(upper)) continue;
            if (lower > Truth) above++;
            else if (upper < Truth) below++;
            else held++;
        }

        var all = held + above + below;
        var coverage = 100.0 * held / all;
        var error = Math.Sqrt(coverage * (100 - coverage) / all);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {What} | {Setting} | {Rows} | {Truth:0.####} | {coverage:0.0} ± {error:0.0} | {100.0 * above / all:0.0} | " +
                $"{100.0 * below / all:0.0} | {samples - all} | {Verdict(coverage)} |");
    }

    private string Verdict(double coverage)
    {
        if (coverage is >= Least and <= Most) return "yes";
        var verdict = coverage < Least ? "**no**, short" : "**no**, wide";
        return Why.Length == 0 ? verdict : $"{verdict}: {Why}";
    }
}
