namespace MlOps.Sdk.Training;

/// <summary>A trainer that takes part in a search.</summary>
/// <param name="Name">The name, unique in the search.</param>
/// <param name="Trainer">The trainer: an <see cref="ITrainer"/> or an <see cref="IRowTrainer"/>.</param>
/// <param name="Space">What is varied; <see langword="null"/> to try the default setting only.</param>
internal sealed record SearchCandidate(string Name, ITrainerInfo Trainer, SearchSpace? Space = null)
{
    /// <summary>Whether the trainer reads columns instead of features.</summary>
    public bool ReadsColumns => Trainer is IRowTrainer;
}
