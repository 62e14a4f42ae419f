using Microsoft.Extensions.Hosting;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;

namespace Acme;

// begin-snippet: label-import
/// <summary>Once a day, reports the outcomes that the billing system knows by now.</summary>
internal sealed class LabelImport(Workspace workspace, IBilling billing) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromDays(1));
        do
        {
            await ImportAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public async Task<FeedbackReceipt> ImportAsync(CancellationToken cancellationToken)
    {
        var labels = new Dictionary<PredictionId, string>();
        await foreach (var (customer, month, left) in billing.ClosedMonthsAsync(cancellationToken))
        {
            labels[PredictionId.FromKey($"{customer}/{month}")] = left ? "Yes" : "No"; // the key that the prediction was made under
        }

        return await workspace.Monitor("customer-churn").LabelAsync(labels, cancellationToken);
    }
}
// end-snippet

/// <summary>What another team offers.</summary>
internal interface IBilling
{
    /// <summary>The customers of months that are over, and whether they left.</summary>
    IAsyncEnumerable<(string Customer, string Month, bool Left)> ClosedMonthsAsync(CancellationToken cancellationToken);
}
