using System.Globalization;
using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>A check of the predictions of one version in a window.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record MonitoringReport
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<MonitorFailure> _failures = [];
    private readonly IReadOnlyList<AlertSubject> _muted = [];
    private readonly IReadOnlyList<string> _resolved = [];

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The version that predicted.</summary>
    public required int Version { get; init; }

    /// <summary>When the window was checked.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Predictions of the window, of all processes that share the workspace.</summary>
    public required long Rows { get; init; }

    /// <summary>The window; <see langword="null"/> in reports of version 0.1.</summary>
    public PredictionWindow? Window { get; init; }

    /// <summary>Predictions that were not recorded because there was no room, since the version went live.</summary>
    public required long Dropped { get; init; }

    /// <summary>
    /// From which corrected p-value a change was significant: what the alarm budget allowed this check. 0 in reports of version 0.1.
    /// </summary>
    public double SignificanceLevel { get; init; }

    /// <summary>What this check left of the reserve of expected false alarms; <see langword="null"/> in reports of version 0.1.</summary>
    public double? AlarmBudgetLeft { get; init; }

    /// <summary>What was measured and what it means.</summary>
    public required IReadOnlyList<MonitoringFinding> Findings { get; init; }

    /// <summary>
    /// The monitors that failed, and why: nothing was measured by them, and the window continues for them. The others
    /// are in <see cref="Findings"/>.
    /// </summary>
    public IReadOnlyList<MonitorFailure> Failures
    {
        get => _failures;
        init => _failures = value ?? [];
    }

    /// <summary>The alert that was sent; <see langword="null"/> when none was due.</summary>
    public Alert? Alert { get; init; }

    /// <summary>Which sinks could not send the alert, and why; <see langword="null"/> when none failed.</summary>
    public string? AlertFailure { get; init; }

    /// <summary>What changed, but is not alerted because it is muted.</summary>
    public IReadOnlyList<AlertSubject> Muted
    {
        get => _muted;
        init => _muted = value ?? [];
    }

    /// <summary>The ids of the alerts that this check resolved.</summary>
    public IReadOnlyList<string> Resolved
    {
        get => _resolved;
        init => _resolved = value ?? [];
    }

    /// <summary>Whether a retraining was requested.</summary>
    public bool AskedForRetraining { get; init; }

    /// <summary>Whether anything changed.</summary>
    [JsonIgnore]
    public bool HasChanged => Findings.Any(finding => finding.Verdict == MonitoringVerdict.Changed);

    /// <summary>The findings that changed, the largest effect first.</summary>
    [JsonIgnore]
    public IEnumerable<MonitoringFinding> Changes => Findings.Where(finding => finding.Verdict == MonitoringVerdict.Changed)
        .OrderByDescending(finding => finding.Measurement.EffectSize);

    internal string Outcome =>
        HasChanged ? "changed" : Findings.Any(finding => finding.Verdict == MonitoringVerdict.Stable) ? "stable" : "not judged";

    /// <summary>
    /// The report as a page: the alert, what changed, and every finding by signal. Self-contained HTML without scripts, whose size does not
    /// depend on the number of predictions.
    /// </summary>
    /// <param name="title">The page's title; by default the model and its version.</param>
    public string ToHtml(string? title = null) => MonitoringPage.Write(this, title);

    /// <summary>The report as a page, with charts of metrics over time.</summary>
    /// <param name="performance">What <c>ModelMonitor.PerformanceAsync</c> returned.</param>
    /// <param name="title">The page's title; by default the model and its version.</param>
    public string ToHtml(PerformanceSeries performance, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(performance);
        return MonitoringPage.Write(this, title, performance);
    }

    /// <summary>What came of the check, and every finding in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Model} version {Version}, {Prose.Count(Rows, "prediction")} until {At:u}: {Outcome}" +
            $"{(Dropped > 0 ? FormattableString.Invariant($", {Dropped:N0} dropped") : "")}" +
            $"{(Alert is null ? "" : ", alert")}{(Muted.Count == 0 ? "" : ", muted")}" +
            $"{(AskedForRetraining ? ", retraining is requested" : "")}") +
        string.Concat(Findings.Select(finding => $"{Environment.NewLine}  {finding}")) +
        string.Concat(Failures.Select(failure => $"{Environment.NewLine}  {failure}"));
}
