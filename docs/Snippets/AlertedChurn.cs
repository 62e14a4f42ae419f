using MlOps.Sdk;
using MlOps.Sdk.Monitoring;

namespace Acme;

/// <summary>Sends alerts to where people are.</summary>
internal static class AlertedChurn
{
    public static void Configure(MonitoringBuilder monitoring, string receiver, string slack) =>
        // begin-snippet: alert-by-webhook
        monitoring
            .DataDrift()
            .AlertByWebhook(receiver, webhook => webhook.SignWithEnvironment("CHURN_WEBHOOK_SECRET"))
            .AlertByWebhook(slack, webhook => webhook.Format = WebhookFormat.Slack);
        // end-snippet
}
