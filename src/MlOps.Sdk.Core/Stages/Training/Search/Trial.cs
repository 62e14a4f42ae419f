namespace MlOps.Sdk.Training;

/// <summary>A trial in progress: its folds report from several threads.</summary>
internal sealed class Trial(
    SearchCandidate candidate,
    int number,
    IReadOnlyDictionary<string, HyperparameterValue> parameters,
    int folds,
    TrialClock? clock = null)
{
    private readonly Lock _lock = new();
    private readonly TrialFold[] _folds = [.. Enumerable.Range(0, folds).Select(fold => new TrialFold(fold))];
    private double[]? _scores;
    private TimeSpan _elapsed;
    private int _open = folds;

    public SearchCandidate Candidate => candidate;

    public int Number => number;

    public IReadOnlyDictionary<string, HyperparameterValue> Parameters => parameters;

    /// <summary>Adds up the time of the folds; <see langword="null"/> where they may take any.</summary>
    public TrialClock? Clock => clock;

    /// <summary>
    /// The out-of-fold scores, NaN where no fold predicts the row; <see langword="null"/> before the first fold has
    /// ended and after they were given up.
    /// </summary>
    public double[]? Scores => _scores;

    /// <summary>The failure of the first fold, by number, that failed.</summary>
    public string? Error => _folds.FirstOrDefault(fold => fold.Error is not null)?.Error;

    /// <summary>Whether it failed for nothing but the time that it took.</summary>
    public bool IsOverBudget => Error is not null && _folds.All(fold => fold.Error is null || fold.IsOverBudget);

    public TimeSpan Elapsed => _elapsed;

    /// <summary>Whether an earlier search has its result.</summary>
    public bool IsTakenOver { get; set; }

    /// <summary>The folds, by number.</summary>
    public IReadOnlyList<TrialFold> Folds => _folds;

    public bool HasBegun
    {
        get
        {
            lock (_lock) return _folds.Any(fold => fold.HasBegun);
        }
    }

    public bool IsComplete
    {
        get
        {
            lock (_lock) return _open == 0;
        }
    }

    /// <summary>When its first fold began.</summary>
    public DateTimeOffset StartedAt
    {
        get
        {
            lock (_lock) return _folds.Where(fold => fold.HasBegun).Min(fold => fold.StartedAt);
        }
    }

    /// <summary>When its last fold ended, once all have.</summary>
    public DateTimeOffset EndedAt => _folds.Max(fold => fold.EndedAt);

    /// <summary>Notes that a fold begins.</summary>
    public void Begin(int fold, DateTimeOffset now)
    {
        lock (_lock) _folds[fold] = _folds[fold] with { HasBegun = true, StartedAt = now };
    }

    /// <summary>Takes in a fold.</summary>
    /// <returns>Whether it was the last.</returns>
    public bool Complete(TrialFold fold, int[] rows, double[]? foldScores, int totalLength, TimeSpan elapsed)
    {
        lock (_lock)
        {
            _folds[fold.Number] = fold with { HasBegun = _folds[fold.Number].HasBegun, StartedAt = _folds[fold.Number].StartedAt };
            _elapsed += elapsed;
            if (foldScores is not null)
            {
                if (_scores is null)
                {
                    _scores = new double[totalLength];
                    Array.Fill(_scores, double.NaN);
                }

                var outputs = rows.Length == 0 ? 0 : foldScores.Length / rows.Length;
                for (var i = 0; i < rows.Length; i++) foldScores.AsSpan(i * outputs, outputs).CopyTo(_scores.AsSpan(rows[i] * outputs));
            }

            return --_open == 0;
        }
    }

    /// <summary>Frees the scores of a trial that has lost.</summary>
    public void GiveUpScores() => _scores = null;

    /// <summary>Takes scores that were kept.</summary>
    public void Restore(double[]? scores) => _scores = scores;
}
