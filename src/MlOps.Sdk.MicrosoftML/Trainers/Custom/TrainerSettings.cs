using Microsoft.ML.Trainers;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>What an estimator of <c>MicrosoftML.Trainer</c> is made with: what the problem and the search decide.</summary>
public sealed class TrainerSettings
{
    private readonly string _trainer;
    private readonly IReadOnlyDictionary<string, HyperparameterValue> _parameters;

    internal TrainerSettings(string trainer, Fitting fitting, IReadOnlyDictionary<string, HyperparameterValue> parameters)
    {
        _trainer = trainer;
        _parameters = parameters;
        Task = fitting.Task;
        ClassCount = fitting.Context.ClassCount;
        Weight = fitting.WeightColumn;
        Seed = fitting.Seed;
        Threads = fitting.Threads;
    }

    /// <summary>The value of a hyperparameter.</summary>
    /// <param name="hyperparameter">The name of one of the trainer's hyperparameters.</param>
    /// <exception cref="MlOpsException">The trainer has no such hyperparameter.</exception>
    public HyperparameterValue this[string hyperparameter] => _parameters.TryGetValue(hyperparameter, out var value)
        ? value
        : throw new MlOpsException(
            $"The trainer '{_trainer}' reads the hyperparameter '{hyperparameter}', which it does not declare.",
            _parameters.Count == 0
                ? "Name it in MicrosoftML.Trainer(…), after the function."
                : $"Name it in MicrosoftML.Trainer(…). Declared are: {string.Join(", ", _parameters.Keys)}.");

    /// <summary>The column of the features, for <c>featureColumnName</c>: a vector of Single.</summary>
    public string Features => TrainingColumns.Features;

    /// <summary>
    /// The column of the label, for <c>labelColumnName</c>: Boolean for two classes, a key in the problem's order of classes for several,
    /// Single for regression.
    /// </summary>
    public string Label => TrainingColumns.Label;

    /// <summary>
    /// The column of the rows' weights, for <c>exampleWeightColumnName</c>; <see langword="null"/> when all rows weigh the same.
    /// </summary>
    public string? Weight { get; }

    /// <summary>What is predicted.</summary>
    public TaskKind Task { get; }

    /// <summary>The number of classes: 2 for binary, 1 for regression.</summary>
    public int ClassCount { get; }

    /// <summary>The seed, which the <c>MLContext</c> has too; not negative.</summary>
    public int Seed { get; }

    /// <summary>How many threads a trainer may use, for <c>NumberOfThreads</c>.</summary>
    public int Threads { get; }

    /// <summary>Options of a trainer with the columns already named.</summary>
    /// <typeparam name="TOptions">The options class of the trainer.</typeparam>
    /// <param name="configure">Sets what else is to be set.</param>
    public TOptions Options<TOptions>(Action<TOptions>? configure = null)
        where TOptions : TrainerInputBase, new()
    {
        var options = new TOptions { FeatureColumnName = Features };
        if (options is TrainerInputBaseWithLabel labelled) labelled.LabelColumnName = Label;
        if (options is TrainerInputBaseWithWeight weighted) weighted.ExampleWeightColumnName = Weight;
        configure?.Invoke(options);
        return options;
    }
}
