using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>
/// Stage 7: which trainers are tried, and how the best is found. Built-in trainers are in <see cref="Trainers"/>. Not thread-safe.
/// </summary>
public sealed class TrainingBuilder
{
    private readonly List<Func<IServiceProvider, SearchCandidate>> _candidates = [];
    private readonly List<ITrainer> _known = [];
    private int _folds = 5;
    private int _trials = 20;
    private int _seed;
    private int _threads = Environment.ProcessorCount;

    internal TrainingBuilder()
    {
    }

    /// <summary>Tries a trainer: its default setting, and settings drawn from a search space where one is given.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="search">Says which hyperparameters vary; <see langword="null"/> to try the default setting only.</param>
    /// <exception cref="MlOpsException">
    /// The search names a hyperparameter that the trainer does not have, or a value that it does not allow.
    /// </exception>
    public TrainingBuilder Try(ITrainer trainer, Action<SearchSpace>? search = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        var candidate = Candidate(trainer, search);
        _known.Add(trainer);
        _candidates.Add(_ => candidate);
        return this;
    }

    /// <summary>Tries a trainer from the service container; the search space is checked when a run begins.</summary>
    /// <typeparam name="TTrainer">The type to resolve for each run.</typeparam>
    /// <param name="search">Says which hyperparameters vary; <see langword="null"/> to try the default setting only.</param>
    public TrainingBuilder Try<TTrainer>(Action<SearchSpace>? search = null)
        where TTrainer : class, ITrainer
    {
        _candidates.Add(services => Candidate(PluginServices.Require<TTrainer>(services), search));
        return this;
    }

    /// <summary>How many folds each setting is tried on. Default: 5.</summary>
    /// <param name="folds">2 to 20.</param>
    public TrainingBuilder CrossValidate(int folds)
    {
        if (folds is < 2 or > 20) throw new ArgumentOutOfRangeException(nameof(folds), folds, "The number of folds is 2 to 20.");
        _folds = folds;
        return this;
    }

    /// <summary>
    /// How many random settings are tried in all, dealt in turn to the trainers with a search space; default
    /// settings do not count. Default: 20.
    /// </summary>
    /// <param name="trials">0 to 10,000.</param>
    public TrainingBuilder Trials(int trials)
    {
        if (trials is < 0 or > 10_000)
        {
            throw new ArgumentOutOfRangeException(nameof(trials), trials, "The number of trials is 0 to 10,000.");
        }
        _trials = trials;
        return this;
    }

    /// <summary>The seed of folds, settings and trainers: the same seed and data give the same model. Default: 0.</summary>
    /// <param name="seed">Any number.</param>
    public TrainingBuilder Seed(int seed)
    {
        _seed = seed;
        return this;
    }

    /// <summary>How many threads the search may use. Default: one per processor. The result does not depend on it.</summary>
    /// <param name="threads">At least 1.</param>
    public TrainingBuilder Threads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _threads = threads;
        return this;
    }

    internal TrainingPlan? Build(TaskKind? task, ICollection<string> mistakes)
    {
        foreach (var trainer in task is { } solved ? _known.Where(trainer => !trainer.Capabilities.Tasks.Contains(solved)) : [])
        {
            mistakes.Add(
                $"The trainer '{trainer.Name}' does not solve {task}, " +
                $"only {string.Join(" and ", trainer.Capabilities.Tasks)}. Try another.");
        }
        if (_candidates.Count > 0) return new TrainingPlan([.. _candidates], _folds, _trials, _seed, _threads);
        mistakes.Add("TrainModel does not say what to try. Call Try(Trainers.…).");
        return null;
    }

    private static SearchCandidate Candidate(ITrainer trainer, Action<SearchSpace>? search)
    {
        if (search is null) return new SearchCandidate(trainer.Name, trainer);
        var space = new SearchSpace(trainer);
        search(space);
        return new SearchCandidate(trainer.Name, trainer, space);
    }
}
