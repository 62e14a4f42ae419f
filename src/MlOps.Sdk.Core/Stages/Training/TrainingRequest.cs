using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What every training gets, whatever it reads. Immutable.</summary>
public abstract class TrainingRequest
{
    private protected TrainingRequest()
    {
    }

    /// <summary>What is predicted.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The truth per row: the class (0 to <see cref="ClassCount"/> - 1; binary: 1 = positive), or the number. Never NaN.</summary>
    public required ReadOnlyMemory<double> Labels { get; init; }

    /// <summary>Weight per row, above 0; empty when all rows weigh the same.</summary>
    public ReadOnlyMemory<double> Weights { get; init; }

    /// <summary>
    /// The group of each row, any number; empty when each row stands alone. Rows of one group, such as those of one customer, are alike: a
    /// trainer that judges itself on rows that it did not learn from keeps them together.
    /// </summary>
    public ReadOnlyMemory<int> Groups { get; init; }

    /// <summary>The number of classes: 2 for binary, 1 for regression.</summary>
    public int ClassCount { get; init; } = 2;

    /// <summary>The hyperparameters' values. What is not named has the trainer's default.</summary>
    public IReadOnlyDictionary<string, HyperparameterValue> Parameters { get; init; } = new Dictionary<string, HyperparameterValue>();

    /// <summary>The seed: the same seed and rows give the same model, as the trainer's <see cref="Determinism"/> says.</summary>
    public int Seed { get; init; }

    /// <summary>How many threads the trainer may use, at least 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// How long the training may take; <see langword="null"/> for any time. A search cancels a training that takes longer, so a trainer
    /// that can stop with a usable model may do so before.
    /// </summary>
    public TimeSpan? TimeBudget { get; init; }

    internal TrainingClock? Clock { get; init; }

    /// <summary>Receives the fraction done, 0 to 1; NaN when it is not known.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Where the trainer logs.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>
    /// Stops the clock of <see cref="TimeBudget"/> until what is returned is disposed of: for a trainer that waits for its turn, which
    /// would otherwise fail because others take long. Thread-safe; pauses may overlap, and one that ends after the training does nothing.
    /// </summary>
    /// <returns>What ends the pause when it is disposed of; without a budget it does nothing.</returns>
    public IDisposable PauseTimeBudget() => Clock?.Pause() ?? NoPause.Instance;

    /// <summary>The value of a hyperparameter, checked.</summary>
    /// <param name="hyperparameter">A hyperparameter of the trainer, with its default.</param>
    /// <exception cref="MlOpsException">The value is not allowed.</exception>
    public HyperparameterValue Setting(Hyperparameter hyperparameter)
    {
        ArgumentNullException.ThrowIfNull(hyperparameter);
        return hyperparameter.Check(Parameters.TryGetValue(hyperparameter.Name, out var value) ? value : hyperparameter.Default);
    }

    /// <summary>
    /// A trainer's options with the values of the hyperparameters that belong to them (<see cref="Hyperparameter.ListOf"/>).
    /// </summary>
    /// <typeparam name="TOptions">The options class.</typeparam>
    /// <param name="defaults">The options of the trainer, which stay as they are.</param>
    /// <exception cref="MlOpsException">A value is not allowed.</exception>
    public TOptions Options<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        TOptions defaults)
        where TOptions : class, new()
    {
        ArgumentNullException.ThrowIfNull(defaults);
        var options = new TOptions();
        OptionsSchema<TOptions>.Read(defaults, options, Parameters);
        return options;
    }

    private sealed class NoPause : IDisposable
    {
        public static NoPause Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
