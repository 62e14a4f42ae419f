using System.Text.Json.Serialization;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Training;

/// <summary>One setting of one trainer, tried in a search.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record TrialResult
{
    /// <summary>The threshold where there is none to choose.</summary>
    internal const double EvenThreshold = 0.5;

    /// <summary>The candidate: the trainer's name, with a number when it is tried more than once.</summary>
    public required string Candidate { get; init; }

    /// <summary>The trainer's name.</summary>
    public required string Trainer { get; init; }

    /// <summary>The trainer's version.</summary>
    public required string Version { get; init; }

    /// <summary>The number of the trial among the candidate's; 0 is the default setting.</summary>
    public required int Trial { get; init; }

    /// <summary>The hyperparameters.</summary>
    public required IReadOnlyDictionary<string, HyperparameterValue> Parameters { get; init; }

    /// <summary>
    /// The primary metric and the guards' metrics over the out-of-fold scores of all rows that have them, by
    /// name; empty when the trial failed.
    /// </summary>
    public IReadOnlyDictionary<string, MetricValue> Metrics { get; init; } = new Dictionary<string, MetricValue>();

    /// <summary>The same metrics for each fold, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<MetricValue>> FoldMetrics { get; init; } =
        new Dictionary<string, IReadOnlyList<MetricValue>>();

    /// <summary>The decision threshold, chosen on the out-of-fold scores; 0.5 where there is none to choose.</summary>
    public double Threshold { get; init; } = EvenThreshold;

    /// <summary>How the trial stands to each guard.</summary>
    public IReadOnlyList<GuardResult> Guards { get; init; } = [];

    /// <summary>Whether no guard is broken; a guard that does not apply breaks nothing.</summary>
    public bool PassedGuards => Error is null && Guards.All(guard => guard.Passed != false);

    /// <summary>Why the trial failed; <see langword="null"/> when it did not.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the trial was cancelled because it took longer than its budget; <see cref="Error"/> says which.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsOverBudget { get; init; }

    /// <summary>The time spent on its folds, added up; a run's only part that varies from run to run.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
