namespace MlOps.Sdk.Training;

/// <summary>A trial in progress: its folds report from several threads.</summary>
internal sealed class Trial(SearchCandidate candidate, int number, IReadOnlyDictionary<string, HyperparameterValue> parameters, int folds)
{
    private readonly Lock _lock = new();
    private readonly string?[] _errors = new string?[folds];
    private double[]? _scores;
    private TimeSpan _elapsed;
    private int _open = folds;

    public SearchCandidate Candidate => candidate;

    public int Number => number;

    public IReadOnlyDictionary<string, HyperparameterValue> Parameters => parameters;

    /// <summary>
    /// The out-of-fold scores, NaN where no fold predicts the row; <see langword="null"/> before the first fold has
    /// ended and after they were given up.
    /// </summary>
    public double[]? Scores => _scores;

    /// <summary>The failure of the first fold, by number, that failed.</summary>
    public string? Error => _errors.FirstOrDefault(error => error is not null);

    public TimeSpan Elapsed => _elapsed;

    /// <summary>Takes in a fold.</summary>
    /// <returns>Whether it was the last.</returns>
    public bool Complete(int fold, int[] rows, double[]? foldScores, string? error, int totalLength, TimeSpan elapsed)
    {
        lock (_lock)
        {
            _errors[fold] = error;
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
}
