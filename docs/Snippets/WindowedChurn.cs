using MlOps.Sdk;
using MlOps.Sdk.Monitoring;

namespace Acme;

/// <summary>Judges predictions by the day on which they were made.</summary>
internal static class WindowedChurn
{
    public static void Configure(MonitoringBuilder monitoring) =>
        // begin-snippet: monitoring-windows
        monitoring
            .DataDrift()
            .PredictionDrift()
            .Window(MonitoringWindows.Calendar(CalendarPeriod.Day, timeZone: "Europe/Berlin"));
        // end-snippet

    public static async Task<(IReadOnlyList<MonitoringReport> Reports, IReadOnlyList<PredictionWindow> Windows)> CheckAsync(
        Workspace workspace,
        CancellationToken cancellationToken)
    {
        // begin-snippet: monitoring-coverage
        var monitor = workspace.Monitor("customer-churn");
        var reports = await monitor.CheckAllAsync(cancellationToken);
        foreach (var report in reports)
        {
            Console.WriteLine($"version {report.Version}, {report.Window!.From:d}: {(report.HasChanged ? "changed" : "stable")}");
        }

        var windows = await monitor.WindowsAsync(limit: 30, cancellationToken);
        foreach (var window in windows)
        {
            var day = $"{window.From:d}{(window.IsComplete ? "" : " so far")}";
            Console.WriteLine($"{day}: {window.Rows} predictions of version {window.Version}, {window.Coverage:P0} labelled");
        }
        // end-snippet

        return (reports, windows);
    }
}
