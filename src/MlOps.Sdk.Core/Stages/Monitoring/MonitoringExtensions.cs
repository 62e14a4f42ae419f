using MlOps.Sdk.Monitoring;

namespace MlOps.Sdk;

/// <summary>The monitors and the alert sinks that come with the library.</summary>
public static class MonitoringExtensions
{
    /// <summary>
    /// Watches every input. Numbers: whether they moved (Wilcoxon), spread (Mood) or changed their shape (χ² on the training deciles,
    /// Kolmogorov–Smirnov on sketches). Texts and booleans: whether the share of a level (Fisher), the table of levels (χ²) or the share of
    /// new levels changed. All: whether more or fewer values are missing or infinite (Fisher).
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="material">
    /// From which effect a change is material, in standard deviations of numbers and Cohen's h of shares; its lower confidence bound is
    /// judged. Default: 0.1.
    /// </param>
    public static MonitoringBuilder DataDrift(this MonitoringBuilder monitoring, double material = 0.1) =>
        monitoring.Watch(new DistributionMonitor("data drift", Signal.DataDrift, Positive(material)));

    /// <summary>
    /// Watches the scores and decisions against those that the model gave out of fold, with the tests of <see cref="DataDrift"/>.
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="material">From which effect a change is material. Default: 0.1.</param>
    public static MonitoringBuilder PredictionDrift(this MonitoringBuilder monitoring, double material = 0.1) =>
        monitoring.Watch(new DistributionMonitor("prediction drift", Signal.PredictionDrift, Positive(material)));

    /// <summary>
    /// Watches whether groups are decided positive at different rates: significance by Fisher's exact test of two groups, χ² of more,
    /// effect by the largest difference of selection rates (demographic parity difference). Binary classification.
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="attribute">
    /// A column that the problem protects, or that is observed; it is recorded with every prediction. Building rejects any other.
    /// </param>
    /// <param name="atMost">The largest difference tolerated. Default: 0.2.</param>
    /// <param name="minimumGroupRows">Groups with fewer predictions are left out. Default: 30.</param>
    public static MonitoringBuilder Bias(
        this MonitoringBuilder monitoring, string attribute, double atMost = 0.2, int minimumGroupRows = 30)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(attribute);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumGroupRows, 1);
        return monitoring.Watch(new BiasMonitor(attribute, Positive(atMost), minimumGroupRows));
    }

    /// <summary>
    /// Posts alerts to a web address: as JSON, or as a message for Slack or Teams. Requests can be signed. Those that fail are repeated. A
    /// webhook that fails is logged and shown with the report, and never stops monitoring.
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="url">
    /// The address, with https, or with http on this machine. It often holds a secret: take it from the configuration. Redirects are not
    /// followed.
    /// </param>
    /// <param name="configure">Sets further options.</param>
    /// <exception cref="ArgumentException">The address is not one that may be called, or an option is out of its range.</exception>
    public static MonitoringBuilder AlertByWebhook(
        this MonitoringBuilder monitoring, string url, Action<WebhookOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(url);
        var options = new WebhookOptions();
        configure?.Invoke(options);
        return monitoring.Alert(new WebhookSink(url, options));
    }

    internal static double Positive(double value) =>
        value > 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The threshold is a number above 0.");
}
