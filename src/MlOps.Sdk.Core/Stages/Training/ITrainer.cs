namespace MlOps.Sdk.Training;

/// <summary>A learning algorithm on features. Implementations are thread-safe: several trainings may run at once.</summary>
public interface ITrainer : ITrainerInfo
{
    /// <summary>Trains a model.</summary>
    /// <param name="context">The rows and settings.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <exception cref="MlOpsException">The rows cannot be learned from (a single class, NaN where it is not understood).</exception>
    ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default);
}
