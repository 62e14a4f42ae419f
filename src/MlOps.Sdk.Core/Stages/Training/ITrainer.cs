namespace MlOps.Sdk.Training;

/// <summary>A learning algorithm. Implementations are thread-safe: several trainings may run at once.</summary>
public interface ITrainer
{
    /// <summary>The name shown and stored, for example <c>gradient-boosting</c>.</summary>
    string Name { get; }

    /// <summary>The version of the algorithm; changing it makes earlier results stale.</summary>
    string Version { get; }

    /// <summary>What the trainer can do.</summary>
    TrainerCapabilities Capabilities { get; }

    /// <summary>The settings that a search may vary.</summary>
    IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    /// <summary>Trains a model.</summary>
    /// <param name="context">The rows and settings.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <exception cref="MlOpsException">The rows cannot be learned from (a single class, NaN where it is not understood).</exception>
    ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default);
}
