using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>
/// Stage 7: which trainers are tried, and how the best is found. Built-in trainers are in <see cref="Trainers"/>. Not thread-safe.
/// </summary>
public sealed class TrainingBuilder
{
    private readonly BuilderSeal _seal = new("TrainModel");
    private readonly List<Func<IServiceProvider, SearchCandidate>> _candidates = [];
    private readonly List<ITrainerInfo> _known = [];
    private int _folds = 5;
    private int _trials = 20;
    private bool _needsFeatures;
    private string? _weight;
    private bool _balances;
    private double _held;
    private TimeSpan? _timeBudget;
    private TimeSpan? _trialBudget;
    private int _threads = Environment.ProcessorCount;

    internal TrainingBuilder()
    {
    }

    /// <summary>Tries a trainer: its default setting, and settings drawn from a search space where one is given.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="search">Says which hyperparameters vary; <see langword="null"/> to try the default setting only.</param>
    public TrainingBuilder Try(ITrainer trainer, Action<SearchSpace>? search = null)
    {
        _seal.CheckOpen();
        ArgumentNullException.ThrowIfNull(trainer);
        _needsFeatures = true;
        return Add(trainer, search);
    }

    /// <summary>
    /// Tries a trainer that reads columns instead of features, for example a whole pipeline of another library. It sees the rows after the
    /// row-wise steps, fitted again in each fold like any other trainer.
    /// </summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="search">Says which hyperparameters vary; <see langword="null"/> to try the default setting only.</param>
    public TrainingBuilder TryPipeline(IRowTrainer trainer, Action<SearchSpace>? search = null)
    {
        _seal.CheckOpen();
        ArgumentNullException.ThrowIfNull(trainer);
        return Add(trainer, search);
    }

    /// <summary>Tries a trainer from the service container; the search space is checked when a run begins.</summary>
    /// <typeparam name="TTrainer">The type to resolve for each run.</typeparam>
    /// <param name="search">Says which hyperparameters vary; <see langword="null"/> to try the default setting only.</param>
    public TrainingBuilder Try<TTrainer>(Action<SearchSpace>? search = null)
        where TTrainer : class, ITrainer
    {
        _seal.CheckOpen();
        _needsFeatures = true;
        _candidates.Add(services => Candidate(PluginServices.Require<TTrainer>(services), search));
        return this;
    }

    /// <summary>
    /// Tries a trainer that reads columns, from the service container; the search space is checked when a run begins.
    /// </summary>
    /// <typeparam name="TTrainer">The type to resolve for each run.</typeparam>
    /// <param name="search">Says which hyperparameters vary; <see langword="null"/> to try the default setting only.</param>
    public TrainingBuilder TryPipeline<TTrainer>(Action<SearchSpace>? search = null)
        where TTrainer : class, IRowTrainer
    {
        _seal.CheckOpen();
        _candidates.Add(services => Candidate(PluginServices.Require<TTrainer>(services), search));
        return this;
    }

    /// <summary>
    /// Weighs rows by a column: a row of weight 2 counts as two, in training and in the metrics. <c>Auto()</c> leaves the column out of the
    /// features. Serving does not read it, unless a transform does.
    /// </summary>
    /// <param name="column">A column of the rows after the last step: finite numbers above 0.</param>
    public TrainingBuilder Weight(string column)
    {
        _seal.Once();
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        _weight = column;
        return this;
    }

    /// <summary>
    /// Weighs the classes alike in every training: the rows of a class weigh the mean weight of a class, together. Metrics are not
    /// weighted so: they tell how the model does on the classes as they are. Probabilities lean toward rare classes; the decision threshold
    /// is chosen on them, out of fold.
    /// </summary>
    public TrainingBuilder BalanceClasses()
    {
        _seal.Once();
        _balances = true;
        return this;
    }

    /// <summary>
    /// Lets trainers that can do so stop when rows that they do not learn from show no more gain. The rows are cut from the training rows
    /// of each fold, and of the last fit; never from the holdout. Rows of one key stay together, and with folds by time the rows are the
    /// latest.
    /// </summary>
    /// <param name="fraction">The part of the rows that is held back, above 0 and at most 0.5. Default: 0.1.</param>
    public TrainingBuilder StopEarly(double fraction = 0.1)
    {
        _seal.Once();
        if (!(fraction is > 0 and <= 0.5))
        {
            throw new ArgumentOutOfRangeException(
                nameof(fraction), fraction, "The share that is held back must be above 0 and at most 0.5.");
        }
        _held = fraction;
        return this;
    }

    /// <summary>
    /// How long one training, of one setting on one fold, may take. One that takes longer is cancelled, and its setting counts as failed.
    /// Default: any time.
    /// </summary>
    /// <param name="perTraining">More than zero.</param>
    public TrainingBuilder TimeBudget(TimeSpan perTraining)
    {
        _seal.Once();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(perTraining, TimeSpan.Zero);
        _timeBudget = perTraining;
        return this;
    }

    /// <summary>
    /// How long one trial, of one setting on all its folds, may take: the time of its trainings is added up, also where they run side by
    /// side. A trial that takes longer is cancelled, as soon as its trainer listens, and the search goes on with the others. The last fit
    /// of the winner is not limited by it. Default: any time.
    /// </summary>
    /// <remarks>
    /// What a search finds then depends on how fast the machine is, and on what else it does. A trainer that cancels only between phases
    /// (<see cref="CancellationSpeed.BetweenPhases"/>) may take longer than the budget; its trial does not count all the same.
    /// </remarks>
    /// <param name="perTrial">More than zero.</param>
    public TrainingBuilder TrialBudget(TimeSpan perTrial)
    {
        _seal.Once();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(perTrial, TimeSpan.Zero);
        _trialBudget = perTrial;
        return this;
    }

    /// <summary>How many folds each setting is tried on. Default: 5.</summary>
    /// <param name="folds">2 to 20.</param>
    public TrainingBuilder CrossValidate(int folds)
    {
        _seal.Once();
        if (folds is < 2 or > 20) throw new ArgumentOutOfRangeException(nameof(folds), folds, "The number of folds must be 2 to 20.");
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
        _seal.Once();
        if (trials is < 0 or > 10_000)
        {
            throw new ArgumentOutOfRangeException(nameof(trials), trials, "The number of trials must be 0 to 10,000.");
        }
        _trials = trials;
        return this;
    }

    /// <summary>How many threads the search may use. Default: one per processor. The result does not depend on it.</summary>
    /// <param name="threads">At least 1.</param>
    public TrainingBuilder Threads(int threads)
    {
        _seal.Once();
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _threads = threads;
        return this;
    }

    internal TrainingPlan? Build(BuildContext context)
    {
        var (task, mistakes) = (context.Task, context.Mistakes);
        _seal.Close(mistakes);
        foreach (var trainer in _known) CheckTrainer(trainer, task, mistakes);
        if (_balances && task == TaskKind.Regression)
        {
            mistakes.Add(
                "BalanceClasses() is for classification, but the problem is a regression. Remove it, or use Weight(…).");
        }
        if (_candidates.Count > 0)
        {
            return new TrainingPlan([.. _candidates], _folds, _trials, _threads)
            {
                Weight = _weight,
                BalancesClasses = _balances,
                HeldFraction = _held,
                TimeBudget = _timeBudget,
                TrialBudget = _trialBudget,
                NeedsNoFeatures = !_needsFeatures,
            };
        }
        if (_known.Count == 0) context.Lacks(LifecycleStage.Training, "TrainModel has no trainer. Call Try(Trainers.…).");
        return null;
    }

    private void CheckTrainer(ITrainerInfo trainer, TaskKind? task, ICollection<string> mistakes)
    {
        var capabilities = trainer.Capabilities;
        if (task is { } solved && !capabilities.Tasks.Contains(solved))
        {
            mistakes.Add(
                $"The trainer '{trainer.Name}' does not solve {task}, only {string.Join(" and ", capabilities.Tasks)}. Try another.");
        }
        if (!capabilities.Weights && (_weight is not null || _balances))
        {
            mistakes.Add(
                $"The trainer '{trainer.Name}' does not support weights. Remove {(_weight is null ? "BalanceClasses()" : "Weight(…)")}, " +
                "or try another trainer.");
        }
        if (capabilities.RuntimeIdentifiers.Count > 0 && !capabilities.RuntimeIdentifiers.Contains(TrainerCapabilities.ThisMachine))
        {
            mistakes.Add(
                $"The trainer '{trainer.Name}' has no library for {TrainerCapabilities.ThisMachine}, only for " +
                $"{string.Join(", ", capabilities.RuntimeIdentifiers)}. Train on such a machine, or try another trainer; " +
                "models that were trained elsewhere can be served here.");
        }
    }

    private TrainingBuilder Add(ITrainerInfo trainer, Action<SearchSpace>? search)
    {
        _known.Add(trainer);
        _seal.Collect(() =>
        {
            var candidate = Candidate(trainer, search);
            _candidates.Add(_ => candidate);
        });
        return this;
    }

    private static SearchCandidate Candidate(ITrainerInfo trainer, Action<SearchSpace>? search)
    {
        if (search is null) return new SearchCandidate(trainer.Name, trainer);
        var space = new SearchSpace(trainer);
        search(space);
        return new SearchCandidate(trainer.Name, trainer, space);
    }
}
