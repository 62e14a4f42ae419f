using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Metrics;

/// <summary>Labels and predictions of the same rows: what a metric is computed from.</summary>
/// <remarks>Immutable once built; reading is thread-safe.</remarks>
public sealed class Evaluation
{
    private readonly ReadOnlyMemory<double> _weights;

    /// <summary>What is predicted.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>
    /// The truth per row: the class (binary: 1 = positive, 0 = negative; multiclass: 0 to <see cref="ClassCount"/> - 1), or the number.
    /// </summary>
    public required ReadOnlyMemory<double> Labels { get; init; }

    /// <summary>The predictions, row by row: P(positive), a probability per class, or the predicted number.</summary>
    public required ReadOnlyMemory<double> Scores { get; init; }

    /// <summary>The number of classes: 2 for binary, 1 for regression.</summary>
    public int ClassCount { get; init; } = 2;

    /// <summary>The names of the classes by index; empty where they are not known.</summary>
    internal IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>The score from which a binary classifier decides positive. Default: 0.5.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>
    /// Group per row, for each protected attribute by its column's name; text as in the data, <see langword="null"/> where missing.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string?>> Groups { get; init; } = new Dictionary<string, IReadOnlyList<string?>>();

    /// <summary>
    /// How much each row counts, as finite numbers above 0; only their ratios matter. Default: empty, all rows count alike.
    /// </summary>
    /// <exception cref="MlOpsException">A weight is not a finite number above 0.</exception>
    public ReadOnlyMemory<double> Weights
    {
        get => _weights;
        init
        {
            RequireWeights(value.Span);
            _weights = value;
        }
    }

    /// <summary>The number of rows.</summary>
    public int RowCount => Labels.Length;

    /// <summary>Whether some rows count more than others.</summary>
    internal bool HasUnequalWeights => !_weights.IsEmpty && _weights.Span.IndexOfAnyExcept(_weights.Span[0]) >= 0;

    /// <summary>How much a row counts; 1 where rows have no weights.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="MlOpsException">There are weights, but not one per row.</exception>
    public double Weight(int row)
    {
        RequireWeightPerRow();
        return _weights.IsEmpty ? 1 : _weights.Span[row];
    }

    /// <summary>The decision of a row: the class, by threshold (binary) or by the highest score (multiclass, the first on a tie).</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="MlOpsException">A score of the row is NaN, which decides nothing.</exception>
    public int Decision(int row)
    {
        var scores = Scores.Span;
        if (Task == TaskKind.BinaryClassification)
        {
            if (double.IsNaN(scores[row])) throw NoScore(row);
            return scores[row] >= Threshold ? 1 : 0;
        }

        var ofRow = scores.Slice(row * ClassCount, ClassCount);
        var best = 0;
        for (var k = 0; k < ofRow.Length; k++)
        {
            if (double.IsNaN(ofRow[k])) throw NoScore(row);
            if (ofRow[k] > ofRow[best]) best = k;
        }

        return best;
    }

    /// <summary>The evaluation of some of the rows.</summary>
    /// <param name="rows">Row numbers, from 0, repetition allowed.</param>
    /// <exception cref="MlOpsException">There are weights, but not one per row.</exception>
    public Evaluation Take(ReadOnlySpan<int> rows)
    {
        var width = Task == TaskKind.MulticlassClassification ? ClassCount : 1;
        var labels = new double[rows.Length];
        var scores = new double[rows.Length * width];
        var weights = _weights.IsEmpty ? [] : new double[rows.Length];
        RequireWeightPerRow();
        for (var i = 0; i < rows.Length; i++)
        {
            labels[i] = Labels.Span[rows[i]];
            Scores.Span.Slice(rows[i] * width, width).CopyTo(scores.AsSpan(i * width));
            if (!_weights.IsEmpty) weights[i] = _weights.Span[rows[i]];
        }

        var taken = Groups.Count == 0 ? [] : rows.ToArray();
        return new Evaluation
        {
            Task = Task,
            Labels = labels,
            Scores = scores,
            ClassCount = ClassCount,
            Classes = Classes,
            Threshold = Threshold,
            Weights = weights,
            Groups = Groups.ToDictionary(g => g.Key, g => (IReadOnlyList<string?>)new TakenGroups(g.Value, taken)),
        };
    }

    internal void RequireWeightPerRow()
    {
        if (_weights.IsEmpty || _weights.Length == RowCount) return;
        throw new MlOpsException($"{RowCount} rows have {_weights.Length} weights.", "Give one weight per row, or none.");
    }

    /// <summary>Rejects NaN, in which a metric of scores and one of decisions would see different things.</summary>
    internal void RequireScores()
    {
        var scores = Scores.Span;
        for (var i = 0; i < scores.Length; i++)
        {
            if (double.IsNaN(scores[i])) throw NoScore(i / Math.Max(1, scores.Length / Math.Max(1, RowCount)));
        }
    }

    private static MlOpsException NoScore(int row) => new(
        $"The score of row {row} is NaN.",
        "Remove rows without a score, or check why the model returns none: most often a feature of the row is missing.");

    private static void RequireWeights(ReadOnlySpan<double> weights)
    {
        for (var row = 0; row < weights.Length; row++)
        {
            if (double.IsFinite(weights[row]) && weights[row] > 0) continue;
            throw new MlOpsException(
                FormattableString.Invariant($"The weight of row {row} is {weights[row]}."),
                "Weights must be finite numbers above 0; remove rows that should not count.");
        }
    }
}
