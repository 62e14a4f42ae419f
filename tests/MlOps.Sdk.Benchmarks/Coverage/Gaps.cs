using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Benchmarks.Coverage;

/// <summary>Gaps between groups of uneven sizes, whose rates are given.</summary>
internal static class Gaps
{
    private const double Positive = 0.4;

    private static readonly (string Name, double[] Shares, double[] Rates)[] Populations =
    [
        ("two alike", [0.7, 0.3], [0.3, 0.3]),
        ("two, 5 points", [0.7, 0.3], [0.3, 0.35]),
        ("two, 20 points", [0.7, 0.3], [0.3, 0.5]),
        ("four alike", [0.4, 0.3, 0.2, 0.1], [0.3, 0.3, 0.3, 0.3]),
        ("four, one 5 points off", [0.4, 0.3, 0.2, 0.1], [0.3, 0.3, 0.3, 0.35]),
        ("four, one 20 points off", [0.4, 0.3, 0.2, 0.1], [0.3, 0.3, 0.3, 0.5]),
        ("four, from 30 to 50 %", [0.4, 0.3, 0.2, 0.1], [0.3, 0.4, 0.5, 0.4]),
    ];

    public static IEnumerable<CoverageCase> Cases()
    {
        foreach (var (name, shares, rates) in Populations)
        {
            var gap = rates.Max() - rates.Min();
            foreach (var rows in new[] { 300, 1_000 })
            {
                yield return Of(Fairness.DemographicParityDifference("g", 10), gap);
                yield return Of(Fairness.DemographicParityRatio("g", 10), rates.Min() / rates.Max());
                if (rows == 300) continue;
                yield return Of(Fairness.EqualOpportunityDifference("g", 10), gap);
                yield return Of(Fairness.EqualizedOddsDifference("g", 10), gap);
                yield return Case(
                    "demographic_parity_difference(g), weighted",
                    gap,
                    random => Fairness.DemographicParityDifference("g", 10).Interval(Draw(random, rows, shares, rates, weighted: true)));
                yield return Case(
                    "demographic_parity_difference(g), difference to a model without gap",
                    gap,
                    random => Improvement(random, rows, shares, rates));

                CoverageCase Of(IMetric metric, double truth) =>
                    Case(metric.Name, truth, random => metric.Interval(Draw(random, rows, shares, rates)));

                CoverageCase Case(string what, double truth, Func<Random, (double, double)> draw) =>
                    new(what, name, rows, truth, draw)
                    {
                        IsResampled = shares.Length > 2,
                        Why = "near 0 only one side can miss, and of pairs that are nearly as far apart any may be the farthest",
                    };
            }
        }
    }

    private static (double, double) Improvement(Random random, int rows, double[] shares, double[] rates)
    {
        var champion = Draw(random, rows, shares, rates);
        var decisions = new double[rows];

        // Half of the decisions are those of the champion, so that the two are correlated where the groups are alike.
        for (var i = 0; i < rows; i++)
            decisions[i] = rates.Max() == rates.Min() && random.Next(2) == 0 ? champion.Scores.Span[i] : random.NextDouble() < 0.3 ? 1 : 0;
        var challenger = Draws.Binary(champion.Labels.ToArray(), decisions, groups: [.. champion.Groups["g"].OfType<string>()]);
        var difference = MetricComparison.Compare(Fairness.DemographicParityDifference("g", 10), champion, challenger);
        return (difference.Lower, difference.Upper);
    }

    private static Evaluation Draw(Random random, int rows, double[] shares, double[] rates, bool weighted = false)
    {
        var (labels, decisions, groups, weights) = (new double[rows], new double[rows], new string[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            var at = random.NextDouble();
            var group = 0;
            while (group < shares.Length - 1 && at >= shares[group]) at -= shares[group++];
            groups[i] = $"{group}";
            labels[i] = random.NextDouble() < Positive ? 1 : 0;
            decisions[i] = random.NextDouble() < rates[group] ? 1 : 0;
            weights[i] = weighted ? 0.2 + 2 * random.NextDouble() : 1;
        }

        return Draws.Binary(labels, decisions, groups: groups, weights: weighted ? weights : null);
    }
}
