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
        foreach (var pair in report.Sample!.AlikeColumns)
        {
            Console.WriteLine($"{pair.First} and {pair.Second}: {pair.Measure} {pair.Value:F3}");
        }
        await File.WriteAllTextAsync(page, report.ToHtml());
        // end-snippet
        return report;
    }

    public static async Task<ExplorationReport> LeaksAsync(Workspace workspace, string csv)
    {
        // begin-snippet: predicted-at
        var run = await LifecycleBuilder.Create("renewals")
            .DefineProblem(problem => problem.BinaryClassification(label: "renewed", positive: "yes"))
            .CollectData(data => data.FromCsv(csv))
            .ProcessData(data => data.Split(test: 0.2))
            .ExploreData(explore => explore.PredictedAt("offered_on")) // the moment at which the model will be asked
            .Build()
            .RunAsync(workspace);

        foreach (var suspect in run.Exploration!.LeakageSuspects) Console.WriteLine($"{suspect.Reason}: {suspect.Sentence}");
        // end-snippet
        return run.Exploration;
    }

    public static async Task PagesAsync(string before, string now, string folder)
    {
        // begin-snippet: pages
        var profile = await DatasetProfile.OfAsync(DataSources.Csv(now));
        await File.WriteAllTextAsync(Path.Combine(folder, "profile.html"), profile.ToHtml("Customers"));
        await File.WriteAllBytesAsync(Path.Combine(folder, "profile.json"), profile.ToJson());

        var comparison = await TableComparison.OfAsync(DataSources.Csv(before), DataSources.Csv(now));
        await File.WriteAllTextAsync(Path.Combine(folder, "comparison.html"), comparison.ToHtml("Customers, before and now"));
        // end-snippet
    }

    public static (double Far, double Slope) Alone(double[] days, double[] values)
    {
        // begin-snippet: statistics-alone
        var z = Outliers.RobustZ(values);
        var trend = Trends.MannKendall(days, values);
        var (slope, interval) = Trends.SenSlope(days, values);
        Console.WriteLine(
            $"{z.Count(each => Math.Abs(each) > Outliers.DefaultThreshold)} outliers; " +
            $"{slope:F2} a day ({interval.Lower:F2} to {interval.Upper:F2}, p {trend.PValue:G2})");
        // end-snippet
        return (z.Max(), slope);
    }
}
