using MlOps.Sdk.Monitoring;

namespace MlOps.Sdk;

/// <summary>Alerts by e-mail.</summary>
public static class MailKitExtensions
{
    /// <summary>
    /// Sends alerts by e-mail, as text and HTML. A mail server that fails is logged and shown with the report, and never stops monitoring.
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="configure">Sets the server and the addresses.</param>
    /// <exception cref="ArgumentException">
    /// The host, the sender or the receiver is missing or no address, the user has no password, an option is out of its range, or the
    /// connection would leave this machine without encryption.
    /// </exception>
    public static MonitoringBuilder AlertByEmail(this MonitoringBuilder monitoring, Action<EmailOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(monitoring);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new EmailOptions();
        configure(options);
        return monitoring.Alert(new EmailSink(options));
    }
}
