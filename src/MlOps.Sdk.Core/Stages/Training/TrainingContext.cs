using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What a trainer learns from. Immutable.</summary>
public sealed class TrainingContext
{
    /// <summary>What is predicted.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The features of the training rows.</summary>
    public required FeatureMatrix Features { get; init; }

    /// <summary>The truth per row: the class (0 to <see cref="ClassCount"/> - 1; binary: 1 = positive), or the number. Never NaN.</summary>
    public required ReadOnlyMemory<double> Labels { get; init; }

    /// <summary>Weight per row, above 0; empty when all rows weigh the same.</summary>
    public ReadOnlyMemory<double> Weights { get; init; }

    /// <summary>The number of classes: 2 for binary, 1 for regression.</summary>
    public int ClassCount { get; init; } = 2;

    /// <summary>The hyperparameters' values; all of the trainer's, the defaults included.</summary>
    public required IReadOnlyDictionary<string, double> Parameters { get; init; }

    /// <summary>The seed: the same seed and rows give the same model, for any number of threads.</summary>
    public int Seed { get; init; }

    /// <summary>How many threads the trainer may use, at least 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Receives the fraction done, 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Where the trainer logs.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
