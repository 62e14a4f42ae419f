using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>What stage 9 set up.</summary>
/// <param name="Monitors">The monitors, by name.</param>
/// <param name="MinimumRows">How many rows a side needs for a verdict.</param>
/// <param name="SignificanceLevel">From which corrected p-value a change is significant.</param>
/// <param name="RetrainsOn">The signals that request a retraining.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record MonitoringSummary(
    IReadOnlyList<string> Monitors, int MinimumRows, double SignificanceLevel, IReadOnlyList<Signal> RetrainsOn)
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<string> _retrainsAt = [];

    /// <summary>The schedules that request a retraining, as their cron expressions with the time zone.</summary>
    public IReadOnlyList<string> RetrainsAt
    {
        get => _retrainsAt;
        init => _retrainsAt = value ?? [];
    }

    /// <summary>Which predictions are judged together, in words; <see langword="null"/> in summaries of version 0.1.</summary>
    public string? Windows { get; init; }

    /// <summary>
    /// How often the monitors of distributions alarm on the training rows themselves; <see langword="null"/> where there is none of them,
    /// or there are too few rows.
    /// </summary>
    public ReplayedWindows? Replay { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
