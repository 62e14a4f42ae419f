using MlOps.Sdk;
using MlOps.Sdk.Monitoring;

namespace Acme;

/// <summary>Watches how good a live model is, how it is served, and what it is worth.</summary>
internal static class MeasuredChurn
{
    public static void Configure(MonitoringBuilder monitoring) =>
        // begin-snippet: monitor-performance
        monitoring
            .Performance(Metric.RocAuc, atMostWorse: 0.03)
            .Performance(Metric.Recall, atMostWorse: 0.1, by: "female")
            .Value("profit", (decision, churned) => decision == "No" ? 0 : churned == "Yes" ? 80 : -20, atMostLess: 2)
            .Latency(0.95, atMost: TimeSpan.FromMilliseconds(20))
            .Errors(atMost: 0.01)
            .Volume(atMostTimes: 2)
            .RetrainOn(Signal.Performance, RetrainingData.Original.And(RetrainingData.Feedback));
        // end-snippet

    public static async Task<PerformanceSeries> ShowAsync(Workspace workspace, DateTimeOffset now, string page)
    {
        // begin-snippet: performance-over-time
        var series = await workspace.Monitor("customer-churn").PerformanceAsync(
            [Metric.RocAuc, Metric.Recall], CalendarPeriod.Week, "Europe/Berlin", from: now.AddDays(-84), to: now, by: "female");
        foreach (var point in series.Points) Console.WriteLine(point); // value, interval, labels, predictions
        await File.WriteAllTextAsync(page, series.ToHtml());
        // end-snippet
        return series;
    }
}
