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

    public static void ConfigureMail(MonitoringBuilder monitoring) =>
        // begin-snippet: alert-by-email
        monitoring
            .DataDrift()
            .AlertByEmail(mail =>
            {
                (mail.Host, mail.User, mail.From) = ("mail.example.org", "models", "Models <models@example.org>");
                mail.PasswordFromEnvironment("CHURN_MAIL_PASSWORD");
                mail.To.Add("retention-team@example.org");
            });
        // end-snippet

    public static async Task DecideAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        // begin-snippet: decide-on-alerts
        foreach (var alert in await workspace.Alerts.ListAsync("customer-churn", AlertStatus.Open, cancellationToken: cancellationToken))
        {
            Console.WriteLine($"{alert.At:u} {alert.Message} ({alert.Delivery})");
            await workspace.Alerts.AcknowledgeAsync(alert.Id, "the supplier corrects the unit on Monday", cancellationToken);
        }

        var mute = await workspace.Alerts.MuteAsync(
            "customer-churn", "a campaign", TimeSpan.FromDays(2), Signal.DataDrift, "tenure", cancellationToken);
        await workspace.Alerts.UnmuteAsync(mute.Id, "the campaign was called off", cancellationToken);
        // end-snippet
    }
}
