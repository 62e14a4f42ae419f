using MlOps.Sdk;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;

namespace Acme;

/// <summary>A lifecycle that ends with the exploration: what the rows say, before a model is thought of.</summary>
internal static class ExploredChurn
{
    public static async Task<ExplorationReport> RunAsync(Workspace workspace, string csv, string page)
    {
        // begin-snippet: explore
        var run = await LifecycleBuilder.Create("churn-explored")
            .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes"))
            .CollectData(data => data.FromCsv(csv))
            .ProcessData(data => data.Split(test: 0.2))
            .ExploreData(explore => explore
                .Hypothesis("Who stays longer has paid more", rows => rows.Correlates("tenure", "total_charges", Alternative.Greater))
                .Hypothesis("Charges rise with tenure", rows => rows.Trend("monthly_charges").RisesOver("tenure"))
                .Hypothesis("Women and men pay alike", rows => rows.Distribution("monthly_charges").IsTheSameBetween("female")))
            .Build()
            .RunAsync(workspace);

        var report = run.Exploration!;
        foreach (var result in report.Hypotheses) Console.WriteLine($"{result.Verdict}: {result.Sentence}");
        foreach (var pair in report.Sample!.AlikeColumns) Console.WriteLine($"{pair.First} and {pair.Second}: {pair.Measure} {pair.Value:F3}");
        await File.WriteAllTextAsync(page, report.ToHtml());
        // end-snippet
        return report;
    }

    public static (double Far, double Slope) Alone(double[] days, double[] values)
    {
        // begin-snippet: statistics-alone
        var z = Outliers.RobustZ(values);
        var trend = TrendTests.MannKendall(days, values);
        var (slope, interval) = TrendTests.SenSlope(days, values);
        Console.WriteLine($"{z.Count(each => Math.Abs(each) > Outliers.DefaultThreshold)} outliers; {slope:F2} a day ({interval.Lower:F2} to {interval.Upper:F2}, p {trend.PValue:G2})");
        // end-snippet
        return (z.Max(), slope);
    }
}
