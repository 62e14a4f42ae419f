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

    public static async Task CheckAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        // begin-snippet: monitoring-coverage
        var monitor = workspace.Monitor("customer-churn");
        foreach (var report in await monitor.CheckAllAsync(cancellationToken))
        {
            Console.WriteLine($"version {report.Version}, {report.Window!.From:d}: {(report.HasChanged ? "changed" : "stable")}");
        }

        foreach (var window in await monitor.WindowsAsync(limit: 30, cancellationToken))
        {
            Console.WriteLine($"{window.From:d}: {window.Rows} predictions of version {window.Version}, {window.Coverage:P0} labelled");
        }

        // end-snippet
    }
}
