using MlOps.Sdk.Monitoring;
using NATS.Client.Core;

namespace StreamScoring;

/// <summary>Publishes alerts to a subject, as text.</summary>
internal sealed class NatsAlerts(INatsClient client) : IAlertSink
{
    public bool WantsResolved => true;

    public async ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default) =>
        await client.PublishAsync(
            Broker.Alerts, $"{AlertText.Title(alert)}. {alert.Message}", cancellationToken: cancellationToken);
}
