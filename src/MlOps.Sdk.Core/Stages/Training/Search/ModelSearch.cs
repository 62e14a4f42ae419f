using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Training;

/// <summary>
/// Tries settings by cross-validation and fits the best on all rows. What is found depends on the request alone, never on the number of
/// threads or on which trial ends first.
/// </summary>
internal sealed class ModelSearch(SearchRequest request)
{
    private readonly Lock _lock = new();
    private readonly TrialRanking _ranking = new(request.Primary.Name, request.Primary.Direction);
    private readonly TrialScoring _scoring = new(request);
    private readonly List<TrialResult> _results = [];
    private (TrialResult Result, Trial Trial)? _best;
    private int _done;

    /// <summary>Runs the search.</summary>
    /// <exception cref="MlOpsException">
    /// All trials failed, or none keeps the guards, or the primary metric is undefined for all.
    /// </exception>
    public async Task<SearchResult> RunAsync(CancellationToken cancellationToken = default)
    {
        Check();
        var trials = Plan();
        try
        {
            await TakeOverAsync(trials, cancellationToken).ConfigureAwait(false);
            await TryAsync([.. trials.Where(trial => !trial.IsTakenOver)], cancellationToken).ConfigureAwait(false);
            while (_best is { Trial.Scores: null } lost) await TryAgainAsync(lost, trials, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            if (request.Journal is { } journal) await journal.AbandonAsync(trials, request.Time.GetUtcNow()).ConfigureAwait(false);
            throw;
        }
        finally
        {
            foreach (var each in trials) each.Clock?.Dispose();
        }

        if (request.Journal is { } written) await written.FlushAsync(cancellationToken).ConfigureAwait(false);
        _results.Sort(_ranking);
        var board = new Leaderboard(request.Primary.Name, request.Primary.Direction, _results);
        if (_best is not var (winner, trial) || trial is null || !winner.PassedGuards || !winner.Metrics[request.Primary.Name].IsDefined)
        {
            throw Nothing(board);
        }
        TrainingLog.SearchFinished(
            request.Logger,
            winner.Candidate,
            trials.Count,
            request.Primary.Name,
            winner.Metrics[request.Primary.Name].Value,
            winner.Threshold);
        request.Progress?.Report((0.9, $"Fitting {winner.Candidate} on all rows"));
        var model = await FitAsync(trial, request.All, request.Threads, null, cancellationToken).ConfigureAwait(false);
        request.Progress?.Report((1, $"Fitted {winner.Candidate} on all rows"));
        return new SearchResult(board, winner, model, trial.Scores!);
    }

    private async Task TakeOverAsync(List<Trial> trials, CancellationToken cancellationToken)
    {
        if (request.Journal is not { } journal) return;
        var kept = await journal.ResumeAsync(trials, request, _ranking, cancellationToken).ConfigureAwait(false);
        foreach (var (trial, result) in kept)
        {
            trial.IsTakenOver = true;
            _results.Add(result);
            if (_best is not { } best || _ranking.Compare(result, best.Result) < 0) _best = (result, trial);
        }
    }

    private async Task TryAsync(IReadOnlyList<Trial> trials, CancellationToken cancellationToken)
    {
        var work = trials
            .SelectMany(trial => Enumerable.Range(0, request.Folds.Count).Select(fold => (Trial: trial, Fold: fold)))
            .ToArray();
        if (work.Length == 0) return;

        // Fits side by side use the threads better than threads within a fit; within only where there are fewer fits than threads.
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Min(request.Threads, work.Length),
            CancellationToken = cancellationToken
        };
        var threadsOfFit = Math.Max(1, request.Threads / work.Length);
        await Parallel.ForEachAsync(work, options, async (item, token) =>
        {
            await RunFoldAsync(item.Trial, item.Fold, threadsOfFit, work.Length, token).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    // The best was taken over, and its scores, from which the threshold and the baseline come, are lost.
    private async Task TryAgainAsync((TrialResult Result, Trial Trial) lost, List<Trial> trials, CancellationToken cancellationToken)
    {
        var again = CreateTrial(lost.Trial.Candidate, lost.Trial.Number, lost.Trial.Parameters);
        trials.Add(again);
        lock (_lock)
        {
            _results.Remove(lost.Result);
            _best = null;
            _done = 0;
        }

        await TryAsync([again], cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            var best = _results.Where(result => result.Error is null).MinBy(result => result, _ranking);
            if (best is null || ReferenceEquals(best, _best?.Result)) return;
            _best = (best, trials.Last(trial => trial.Candidate.Name == best.Candidate && trial.Number == best.Trial));
        }
    }

    private Trial CreateTrial(SearchCandidate candidate, int number, IReadOnlyDictionary<string, HyperparameterValue> parameters) => new(
        candidate,
        number,
        parameters,
        request.Folds.Count,
        request.TrialBudget is { } budget ? new TrialClock(budget, request.Time) : null);

    private void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Threads, 1);
        if (request.Candidates.Count == 0) throw new MlOpsException("There is no trainer to try.", "Call Try(Trainers.…) in TrainModel.");
        if (request.Folds.Count == 0 || request.Folds.Any(fold => fold.ValidationRows.Length == 0))
        {
            throw new ArgumentException("A fold predicts no row.");
        }
        var isPredicted = new bool[request.All.Labels.Length];
        foreach (var row in request.Folds.SelectMany(fold => fold.ValidationRows))
        {
            if (isPredicted[row]) throw new ArgumentException($"Row {row} is in the validation rows of two folds.");
            isPredicted[row] = true;
        }
    }

    private List<Trial> Plan()
    {
        var trials = new List<Trial>();
        for (var c = 0; c < request.Candidates.Count; c++)
        {
            var candidate = request.Candidates[c];
            trials.Add(CreateTrial(candidate, 0, SearchSpace.Defaults(candidate.Trainer, candidate.Space)));
        }

        var varied = Enumerable.Range(0, request.Candidates.Count).Where(c => request.Candidates[c].Space is { IsEmpty: false }).ToArray();
        for (var i = 0; i < request.Trials && varied.Length > 0; i++)
        {
            var c = varied[i % varied.Length];
            var number = i / varied.Length + 1;
            var parameters = request.Candidates[c].Space!.Sample(request.Seed, c, number);
            // A small space repeats itself; the same setting would only give the same answer.
            if (trials.Any(trial => trial.Candidate == request.Candidates[c] && trial.Parameters.SequenceEqual(parameters))) continue;
            trials.Add(CreateTrial(request.Candidates[c], number, parameters));
        }

        return trials;
    }

    private async Task RunFoldAsync(Trial trial, int number, int threads, int total, CancellationToken cancellationToken)
    {
        var fold = request.Folds[number];
        var started = request.Time.GetTimestamp();
        double[]? scores = null;
        string? error = null;
        var isOverBudget = false;
        try
        {
            RequireTime(trial);
            trial.Begin(number, request.Time.GetUtcNow());
            using var model = await FitAsync(trial, fold.Train, threads, trial.Clock, cancellationToken).ConfigureAwait(false);
            RequireTime(trial);
            var predicted = model.Predict(fold.Validation, cancellationToken);
            var bad = predicted.AsSpan().IndexOfAnyExceptInRange(double.MinValue, double.MaxValue);
            if (bad < 0)
            {
                scores = predicted;
            }
            else
            {
                error = FormattableString.Invariant(
                    $"The model gave the score {predicted[bad]} for training row {fold.ValidationRows[bad / request.Outputs]}.");
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A trial that fails is a result of the search, not the end of it.
            error = Secrets.Blank(e is MlOpsException ? e.Message : $"{e.GetType().Name}: {e.Message}");
            isOverBudget = e is OverBudgetException;
        }

        var ended = new TrialFold(number) { EndedAt = request.Time.GetUtcNow(), Error = error, IsOverBudget = isOverBudget };
        var isLast = trial.Complete(
            ended, fold.ValidationRows, scores, request.All.Labels.Length * request.Outputs, request.Time.GetElapsedTime(started));
        var result = isLast ? _scoring.Score(trial) : null;
        lock (_lock)
        {
            if (result is not null) Add(result, trial);
            request.Progress?.Report((0.9 * ++_done / total, $"Tried {trial.Candidate.Name}, setting {trial.Number}, fold {number + 1}"));
        }
    }

    private void Add(TrialResult result, Trial trial)
    {
        _results.Add(result);
        var isBest = result.Error is null && (_best is not { } former || _ranking.Compare(result, former.Result) < 0);
        request.Journal?.Add(trial, result, request, isBest);
        if (result.Error is { } error)
        {
            TrainingLog.TrialFailed(request.Logger, trial.Number, trial.Candidate.Name, error);
        }
        else
        {
            TrainingLog.TrialFinished(
                request.Logger, trial.Number, trial.Candidate.Name, request.Primary.Name, result.Metrics[request.Primary.Name].Value);
        }
        // Only the best trial's scores are kept: those of all would not fit beside a large data set.
        if (isBest)
        {
            _best?.Trial.GiveUpScores();
            _best = (result, trial);
        }
        else
        {
            trial.GiveUpScores();
        }
    }

    // Also a trainer that did not listen to its cancellation has taken too long.
    private void RequireTime(Trial trial)
    {
        if (trial.Clock?.Token.IsCancellationRequested == true) throw TrialOverBudget();
    }

    private OverBudgetException TrialOverBudget(Exception? cause = null) => new(
        $"The trial did not finish within its budget of {request.TrialBudget}.",
        "Allow more time with TrialBudget(…), or try settings that train faster.",
        cause);

    /// <param name="trial">The setting.</param>
    /// <param name="rows">What is learned from.</param>
    /// <param name="threads">How many threads may be used.</param>
    /// <param name="ofTrial">Adds up the time of the trial; <see langword="null"/> for the last fit, which is of none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private async Task<TrainedModel> FitAsync(
        Trial trial, LearningRows rows, int threads, TrialClock? ofTrial, CancellationToken cancellationToken)
    {
        using var clock = request.TimeBudget is null && ofTrial is null
            ? null
            : new TrainingClock(request.TimeBudget, request.Time, ofTrial);
        using var ends = new PluginCancellation(
            request.Logger, clock?.Token ?? CancellationToken.None, ofTrial?.Token ?? CancellationToken.None, cancellationToken);
        try
        {
            var model = await TrainAsync(trial, rows, threads, clock, ends.Token).ConfigureAwait(false);
            var expected = new ModelSignature(
                request.Task, model.RowModel?.Inputs.Count ?? rows.Features!.Width, request.Outputs);
            if (model.Signature == expected) return model;
            model.Dispose();
            throw new MlOpsException(
                $"The trainer '{trial.Candidate.Trainer.Name}' returned a model with the signature {model.Signature}, not {expected}.",
                "Return a model for the task and the rows of the training context.");
        }
        catch (OperationCanceledException e)
            when (clock?.Token.IsCancellationRequested == true && !cancellationToken.IsCancellationRequested)
        {
            throw new OverBudgetException(
                $"The training did not finish within its time budget of {request.TimeBudget}.",
                "Allow more time with TimeBudget(…), or try settings that train faster.",
                e);
        }
        catch (OperationCanceledException e)
            when (ofTrial?.Token.IsCancellationRequested == true && !cancellationToken.IsCancellationRequested)
        {
            throw TrialOverBudget(e);
        }
    }

    private async Task<TrainedModel> TrainAsync(
        Trial trial, LearningRows rows, int threads, TrainingClock? clock, CancellationToken cancellationToken)
    {
        using var call = PluginCalls.Enter("trainer", trial.Candidate.Trainer.Name);
        var capabilities = trial.Candidate.Trainer.Capabilities;
        var (learned, held) = capabilities.ValidationRows && rows.Held.Length > 0 ? rows.Split() : (rows, null);
        if (request.BalancesClasses)
        {
            learned = learned.Balanced(request.ClassCount);
            held = held?.Balanced(request.ClassCount);
        }

        // With more, a trainer that is deterministic with one thread only would give a model that depends on the machine.
        if (capabilities.Determinism != Determinism.AnyThreads) threads = 1;
        if (trial.Candidate.Trainer is IRowTrainer ofRows)
        {
            return new TrainedModel(null, await ofRows.TrainAsync(
                new RowTrainingContext
                {
                    Task = request.Task,
                    Rows = learned.Table!.Value,
                    Labels = learned.Labels,
                    Weights = learned.Weights,
                    Groups = learned.Groups,
                    ClassCount = request.ClassCount,
                    Problem = request.Problem!,
                    Encoding = request.Encoding!,
                    Validation = held?.Table!.Value,
                    Parameters = trial.Parameters,
                    Seed = request.Seed,
                    Threads = threads,
                    TimeBudget = request.TimeBudget,
                    Clock = clock,
                    Logger = request.Logger,
                },
                cancellationToken).ConfigureAwait(false));
        }

        if (learned.Features!.Sparse is not null && !capabilities.Sparse)
        {
            throw new MlOpsException(
                $"The trainer '{trial.Candidate.Trainer.Name}' does not read sparse features.",
                "Try another trainer, for example Trainers.LogisticRegression() or Trainers.GradientBoosting().");
        }

        return new TrainedModel(
            await ((ITrainer)trial.Candidate.Trainer).TrainAsync(
                new TrainingContext
                {
                    Task = request.Task,
                    Features = learned.Features,
                    Labels = learned.Labels,
                    Weights = learned.Weights,
                    Groups = learned.Groups,
                    ClassCount = request.ClassCount,
                    Validation = held is null ? null : new ValidationRows(held.Features!, held.Labels, held.Weights),
                    Parameters = trial.Parameters,
                    Seed = request.Seed,
                    Threads = threads,
                    TimeBudget = request.TimeBudget,
                    Clock = clock,
                    Logger = request.Logger,
                },
                cancellationToken).ConfigureAwait(false),
            null)
        {
            RefusesMissing = !capabilities.HandlesMissing,
        };
    }

    private MlOpsException Nothing(Leaderboard board)
    {
        var best = board.Trials[0];
        if (best.Error is not null && board.Trials.All(trial => trial.IsOverBudget))
        {
            return new MlOpsException(
                board.Trials.Count == 1
                    ? $"The only trial took longer than it may. {best.Error}"
                    : $"All {board.Trials.Count} trials took longer than they may. The first of them: {best.Error}",
                "Allow more time with TrialBudget(…) or TimeBudget(…), try settings that train faster, or use fewer rows.")
            {
                Stage = LifecycleStage.Training
            };
        }

        if (best.Error is not null)
        {
            var reasons = board.Trials
                .GroupBy(trial => (trial.Candidate, trial.Error))
                .Select(group => $"{group.Key.Candidate}{(group.Count() > 1 ? $" ({group.Count()} trials)" : "")}: {group.Key.Error}");
            return new MlOpsException(
                $"{(board.Trials.Count == 1 ? "The only trial" : $"All {board.Trials.Count} trials")} failed. {string.Join(" ", reasons)}",
                "Correct the data or the settings that the reasons name.") { Stage = LifecycleStage.Training };
        }

        if (best.PassedGuards)
        {
            return new MlOpsException(
                $"The metric '{request.Primary.Name}' is undefined for every trial: {best.Metrics[request.Primary.Name].Undefined}",
                "Optimize a metric that the training rows allow, or collect rows of the missing kind.") { Stage = LifecycleStage.Training };
        }

        var broken = best.Guards.Where(guard => guard.Passed == false).Select(guard => guard.Reason);
        return new MlOpsException(
            $"No trial meets the guards. The best by {request.Primary.Name}, {best.Candidate}, breaks them: {string.Join(" ", broken)}",
            "Relax the guard, try other trainers or more trials, or change the features that cause it.")
        {
            Stage = LifecycleStage.Training
        };
    }
}
