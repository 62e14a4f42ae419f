using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>A trial of a search, with its place.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RankedTrial
{
    /// <summary>Its place, from 1: those that keep the guards first, then those that do not, then those that failed.</summary>
    public required int Rank { get; init; }

    /// <summary>
    /// The id of its own run, of kind <see cref="RunKind.Trial"/>; <see langword="null"/> for searches of earlier versions of the library.
    /// </summary>
    public string? RunId { get; init; }

    /// <summary>What became of it; a trial over its budget is Cancelled.</summary>
    public required RunState State { get; init; }

    /// <summary>The trainer, the hyperparameters, all metrics and guards, the error.</summary>
    public required TrialResult Result { get; init; }

    /// <summary>The metric that was optimized, over all out-of-fold scores; NaN where there is none.</summary>
    public required double Value { get; init; }

    /// <summary>The lower bound of its interval, where the metric gives one; otherwise NaN.</summary>
    public required double Lower { get; init; }

    /// <summary>The upper bound of its interval, where the metric gives one; otherwise NaN.</summary>
    public required double Upper { get; init; }

    /// <summary>The mean of the metric over the folds; NaN where no fold has it.</summary>
    public required double FoldMean { get; init; }

    /// <summary>
    /// The sample standard deviation of the metric over the folds; NaN with fewer than two. Folds share training rows, so it is no
    /// standard error.
    /// </summary>
    public required double FoldDeviation { get; init; }

    /// <summary>The time spent on its folds, added up.</summary>
    public TimeSpan Duration => Result.Elapsed;

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
