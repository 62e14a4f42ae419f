using MlOps.Sdk.Metrics;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>What stage 9 is asked to do.</summary>
internal sealed record MonitoringPlan
{
    public required IReadOnlyList<Func<IServiceProvider, IDriftMonitor>> Monitors { get; init; }

    /// <summary>The attributes whose groups built-in monitors compare.</summary>
    public required IReadOnlyList<string> Attributes { get; init; }

    /// <summary>The metrics of labelled predictions that are compared with the holdout.</summary>
    public IReadOnlyList<IMetric> Metrics { get; init; } = [];

    /// <summary>
    /// Whether labels or calls are monitored: they can change while this process predicts nothing.
    /// </summary>
    public bool WatchesRecords { get; init; }

    public required IReadOnlyList<Func<IServiceProvider, IAlertSink>> Sinks { get; init; }

    /// <summary>When to retrain: a rule for each signal that requests it.</summary>
    public required IReadOnlyList<RetrainingRule> Retraining { get; init; }

    /// <summary>When to retrain by the clock.</summary>
    public required IReadOnlyList<SchedulePlan> Schedules { get; init; }

    /// <summary>How retrainings are done that signals or schedules request.</summary>
    public IEnumerable<RetrainingRule> Rules => Retraining.Concat(Schedules.Select(schedule => schedule.Rule));

    /// <summary>The model that is watched when this lifecycle trains none.</summary>
    public required ModelElsewhere? Elsewhere { get; init; }

    /// <summary>Which predictions are judged together.</summary>
    public required MonitoringWindows Windows { get; init; }

    public required int MinimumRows { get; init; }

    public required double SignificanceLevel { get; init; }

    public required Correction Correction { get; init; }

    /// <summary>The false alarms that may be expected in 30 days.</summary>
    public required double AlarmBudget { get; init; }

    public required TimeSpan AlertCooldown { get; init; }
}
