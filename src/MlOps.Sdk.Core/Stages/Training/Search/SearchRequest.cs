using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What a search is asked to do.</summary>
internal sealed record SearchRequest
{
    public required TaskKind Task { get; init; }

    /// <summary>2 for binary, 1 for regression.</summary>
    public required int ClassCount { get; init; }

    /// <summary>
    /// The folds; no training row is predicted by two. One that is predicted by none, as in the first block of time, has no
    /// part in threshold and metrics.
    /// </summary>
    public required IReadOnlyList<Fold> Folds { get; init; }

    /// <summary>All training rows, for the last fit.</summary>
    public required LearningRows All { get; init; }

    /// <summary>What is to be solved, and its classes; needed by trainers that read columns.</summary>
    public ProblemDefinition? Problem { get; init; }

    public LabelEncoding? Encoding { get; init; }

    /// <summary>Group per training row, by protected attribute.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string?>> Groups { get; init; } = new Dictionary<string, IReadOnlyList<string?>>();

    public required IReadOnlyList<SearchCandidate> Candidates { get; init; }

    /// <summary>
    /// Random trials, dealt in turn to the candidates that vary something; each candidate's default setting is tried besides.
    /// </summary>
    public int Trials { get; init; }

    public required IMetric Primary { get; init; }

    public IReadOnlyList<MetricRequirement> Guards { get; init; } = [];

    /// <summary>From which the threshold follows; <see langword="null"/> when all errors cost the same.</summary>
    public ErrorCosts? Costs { get; init; }

    /// <summary>Whether each training weighs its classes alike.</summary>
    public bool BalancesClasses { get; init; }

    /// <summary>How long one training may take; <see langword="null"/> for any time.</summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>How long all trainings of one setting may take together; <see langword="null"/> for any time.</summary>
    public TimeSpan? TrialBudget { get; init; }

    /// <summary>Where trials are recorded, and those of earlier searches found; <see langword="null"/> for nowhere.</summary>
    public SearchJournal? Journal { get; init; }

    public int Threads { get; init; } = 1;

    public int Seed { get; init; }

    public IProgress<(double Fraction, string Message)>? Progress { get; init; }

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Measures <see cref="TrialResult.Elapsed"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The number of scores per row.</summary>
    public int Outputs => Task == TaskKind.MulticlassClassification ? ClassCount : 1;
}
