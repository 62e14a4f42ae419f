namespace MlOps.Sdk.Training;

/// <summary>What stage 7 is asked to do.</summary>
/// <param name="Candidates">Create the candidates, of which some come from the service container.</param>
/// <param name="Folds">The number of folds.</param>
/// <param name="Trials">The number of random trials.</param>
/// <param name="Threads">How many threads may be used; not part of what decides the result.</param>
internal sealed record TrainingPlan(
    IReadOnlyList<Func<IServiceProvider, SearchCandidate>> Candidates, int Folds, int Trials, int Threads)
{
    /// <summary>The column of row weights; <see langword="null"/> when all rows weigh the same.</summary>
    public string? Weight { get; init; }

    /// <summary>Whether each training weighs its classes alike.</summary>
    public bool BalancesClasses { get; init; }

    /// <summary>The part of the training rows that shows trainers when to stop; 0 for none.</summary>
    public double HeldFraction { get; init; }

    /// <summary>How long one training may take; <see langword="null"/> for any time.</summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>How long all trainings of one setting may take together; <see langword="null"/> for any time.</summary>
    public TimeSpan? TrialBudget { get; init; }

    /// <summary>Whether every trainer reads columns, so that no features are needed.</summary>
    public bool NeedsNoFeatures { get; init; }

    /// <summary>Creates the candidates, each under its own name.</summary>
    public IReadOnlyList<SearchCandidate> Create(IServiceProvider services)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var candidates = new List<SearchCandidate>();
        foreach (var create in Candidates)
        {
            var candidate = create(services);
            var number = seen[candidate.Name] = seen.GetValueOrDefault(candidate.Name) + 1;
            candidates.Add(number == 1 ? candidate : candidate with { Name = $"{candidate.Name}-{number}" });
        }

        return candidates;
    }

    /// <summary>
    /// The plan of a retraining: only the winner, with its hyperparameters; <see langword="null"/> where it is not among the candidates, as
    /// after a rollback to a version of another trainer, or where the version was imported.
    /// </summary>
    public TrainingPlan? OnlyWinner(
        string? candidate, IReadOnlyDictionary<string, HyperparameterValue> parameters, IServiceProvider services)
    {
        if (Create(services).All(tried => tried.Name != candidate)) return null;
        return this with
        {
            Trials = 0,
            Candidates =
            [
                scoped =>
                {
                    var winner = Create(scoped).First(tried => tried.Name == candidate);
                    var space = new SearchSpace(winner.Trainer);
                    foreach (var (name, value) in parameters) space.Fix(name, value);
                    return winner with { Space = space };
                },
            ],
        };
    }
}
