namespace MlOps.Sdk.Training;

/// <summary>
/// A learning algorithm that reads columns instead of features, for example a whole pipeline of another library. Implementations are
/// thread-safe: several trainings may run at once.
/// </summary>
public interface IRowTrainer : ITrainerInfo
{
    /// <summary>Trains a model.</summary>
    /// <param name="context">The rows and settings.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <exception cref="MlOpsException">The rows cannot be learned from.</exception>
    ValueTask<IRowModel> TrainAsync(RowTrainingContext context, CancellationToken cancellationToken = default);
}
