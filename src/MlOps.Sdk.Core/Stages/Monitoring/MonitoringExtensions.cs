using System.Runtime.CompilerServices;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;

namespace MlOps.Sdk;

/// <summary>The monitors and the alert sinks that come with the library.</summary>
public static class MonitoringExtensions
{
    private const int DefaultLabels = 100;

    private static readonly TimeSpan s_month = TimeSpan.FromDays(30);

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
    /// Watches a metric on predictions whose labels have arrived, in all processes: by how much it is worse than on the holdout that the
    /// version was released with, or with <paramref name="by"/> for each group of an attribute than for all other groups. The metric is
    /// evaluated on the holdout, too; it need not be in DefineMetrics. Rows count alike, also where training weighs them.
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="metric">The metric, one of <see cref="Metric"/>, <see cref="Fairness"/> or your own.</param>
    /// <param name="atMostWorse">
    /// By how much it may be worse, in its own unit, above 0. The lower bound of the 95 % interval of the difference is judged.
    /// </param>
    /// <param name="by">An attribute that is protected or observed, whose groups are compared. Default: none.</param>
    /// <param name="over">
    /// How long before the check predictions count, by the time when they were made: long enough for labels to arrive. Default: 30 days. At
    /// most the 20,000 newest are read.
    /// </param>
    /// <param name="minimumLabels">How many usable labels are needed, by group of each and of its others; at least 2. Default: 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static MonitoringBuilder Performance(
        this MonitoringBuilder monitoring,
        IMetric metric,
        double atMostWorse,
        string? by = null,
        TimeSpan? over = null,
        int minimumLabels = DefaultLabels)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumLabels, 2);
        var span = Positive(over ?? s_month, nameof(over));
        if (by is null)
            return monitoring.Watch(new PerformanceMonitor(metric, Signal.Performance, Positive(atMostWorse), span, minimumLabels));
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        return monitoring.Watch(new GroupPerformanceMonitor(metric, by, Positive(atMostWorse), span, minimumLabels));
    }

    /// <summary>
    /// Watches what a decision is worth to the business where its label has arrived, in all processes: by how much less the mean is than on
    /// the holdout that the version was released with. For classification.
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="name">The name shown, for example <c>profit</c>.</param>
    /// <param name="value">What a decision is worth: given the class decided for, and the label. A cost is negative.</param>
    /// <param name="atMostLess">By how much less the mean may be, in units of the value, above 0.</param>
    /// <param name="over">How long before the check predictions count. Default: 30 days. At most the 20,000 newest are read.</param>
    /// <param name="minimumLabels">How many usable labels are needed. At least 2. Default: 100.</param>
    /// <param name="version">
    /// The version of <paramref name="value"/>: change it when the function says something else. Without one, the code of the function is
    /// its identity, so that stage 8 evaluates the holdout again after each build of the application.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static MonitoringBuilder Value(
        this MonitoringBuilder monitoring,
        string name,
        Func<string, string, double> value,
        double atMostLess,
        TimeSpan? over = null,
        int minimumLabels = DefaultLabels,
        string? version = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(value);
        if (version is not null) ArgumentException.ThrowIfNullOrWhiteSpace(version);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumLabels, 2);
        return monitoring.Watch(new PerformanceMonitor(
            DecisionValue.Of(name, value, version),
            Signal.Value,
            Positive(atMostLess),
            Positive(over ?? s_month, nameof(over)),
            minimumLabels));
    }

    /// <summary>
    /// Limits a quantile of the time that calls with one row take in the processes, without the network, during the window. The limit is
    /// exceeded for sure when an exact binomial test says so, and the lower 95 % bound of the quantile is at the limit or above it.
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="quantile">The quantile, above 0 and below 1, for example 0.95.</param>
    /// <param name="atMost">The limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static MonitoringBuilder Latency(this MonitoringBuilder monitoring, double quantile, TimeSpan atMost)
    {
        if (!(quantile > 0 && quantile < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(quantile), quantile, "A quantile is above 0 and below 1.");
        }
        return monitoring.Watch(new LatencyMonitor(quantile, Positive(atMost, nameof(atMost))));
    }

    /// <summary>Limits the share of calls that fail, or whose rows the version refuses, in all processes during the window.</summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="atMost">The largest share, above 0 and below 1. Default: 0.01.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public static MonitoringBuilder Errors(this MonitoringBuilder monitoring, double atMost = 0.01)
    {
        if (!(atMost > 0 && atMost < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(atMost), atMost, "A share is above 0 and below 1.");
        }
        return monitoring.Watch(new ErrorMonitor(atMost));
    }

    /// <summary>
    /// Watches how many calls come, over all versions and processes: those of the latest period against those of the same length some time
    /// before. A model that nobody calls any more is a change, too.
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="period">The length of the period, at least 24 minutes. Default: one day.</param>
    /// <param name="back">
    /// How long before the latest period the earlier one is, at least its length. With the period at most 29 days, because counts are kept
    /// for 30. Default: 7 days, so that days of the week are compared with themselves.
    /// </param>
    /// <param name="atMostTimes">How many times as many calls, or as few, may come; above 1. Default: 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static MonitoringBuilder Volume(
        this MonitoringBuilder monitoring, TimeSpan? period = null, TimeSpan? back = null, double atMostTimes = 2)
    {
        var length = period ?? TimeSpan.FromDays(1);
        var earlier = back ?? TimeSpan.FromDays(7);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, TimeSpan.FromMinutes(24), nameof(period));
        ArgumentOutOfRangeException.ThrowIfLessThan(earlier, length, nameof(back));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length + earlier, TimeSpan.FromDays(29), nameof(back));
        if (!(atMostTimes > 1 && double.IsFinite(atMostTimes)))
        {
            throw new ArgumentOutOfRangeException(nameof(atMostTimes), atMostTimes, "The factor is a finite number above 1.");
        }
        return monitoring.Watch(new VolumeMonitor(length, earlier, atMostTimes));
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

    /// <summary>
    /// Posts alerts to a web address, like
    /// <see cref="AlertByWebhook(MonitoringBuilder, string, Action{WebhookOptions}?)"/>.
    /// </summary>
    /// <param name="monitoring">The builder.</param>
    /// <param name="url">The address, absolute, with https, or with http on this machine.</param>
    /// <param name="configure">Sets further options.</param>
    /// <exception cref="ArgumentException">The address is not one that may be called, or an option is out of its range.</exception>
    public static MonitoringBuilder AlertByWebhook(
        this MonitoringBuilder monitoring, Uri url, Action<WebhookOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(url);
        return monitoring.AlertByWebhook(url.OriginalString, configure);
    }

    private static TimeSpan Positive(TimeSpan value, string name) => value > TimeSpan.Zero
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "The time is above zero.");

    internal static double Positive(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value > 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "The threshold is a number above 0.");
}
