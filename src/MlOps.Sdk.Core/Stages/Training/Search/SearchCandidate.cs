namespace MlOps.Sdk.Training;

/// <summary>A trainer that takes part in a search.</summary>
/// <param name="Name">The name, unique in the search.</param>
/// <param name="Trainer">The trainer.</param>
/// <param name="Space">What is varied; <see langword="null"/> to try the default setting only.</param>
internal sealed record SearchCandidate(string Name, ITrainer Trainer, SearchSpace? Space = null);
