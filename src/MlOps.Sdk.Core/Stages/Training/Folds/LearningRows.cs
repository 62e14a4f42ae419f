using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>Rows to learn from, in the forms that trainers read.</summary>
/// <param name="Features">Their features; <see langword="null"/> when no trainer reads features.</param>
/// <param name="Table">Their columns; <see langword="null"/> when no trainer reads columns.</param>
/// <param name="Labels">Their labels.</param>
/// <param name="Weights">Their weights; empty when all rows weigh the same.</param>
/// <param name="Held">Which of them show a trainer when to stop, by position; empty when none do.</param>
internal sealed record LearningRows(
    FeatureMatrix? Features, Lazy<Dataset>? Table, ReadOnlyMemory<double> Labels, ReadOnlyMemory<double> Weights, int[] Held)
{
    /// <summary>The group of each row; empty when each stands alone.</summary>
    public ReadOnlyMemory<int> Groups { get; init; }

    /// <summary>All except the held rows, and the held ones.</summary>
    public (LearningRows Learned, LearningRows Held) Split()
    {
        var held = Held.ToHashSet();
        return (Take([.. Enumerable.Range(0, Labels.Length).Where(row => !held.Contains(row))]), Take(Held));
    }

    /// <summary>The rows with each class's weights multiplied so that all classes weigh the same together.</summary>
    public LearningRows Balanced(int classCount)
    {
        var labels = Labels.Span;
        var sums = new double[classCount];
        for (var row = 0; row < labels.Length; row++) sums[(int)labels[row]] += Weights.IsEmpty ? 1 : Weights.Span[row];
        var present = sums.Count(sum => sum > 0);
        var total = sums.Sum();
        var weights = new double[labels.Length];
        for (var row = 0; row < weights.Length; row++)
        {
            weights[row] = (Weights.IsEmpty ? 1 : Weights.Span[row]) * total / (present * sums[(int)labels[row]]);
        }

        return this with { Weights = weights };
    }

    private LearningRows Take(int[] rows) => new(
        Features?.Take(rows),
        Table is { } table ? new Lazy<Dataset>(() => table.Value.Take(rows)) : null,
        Array.ConvertAll(rows, row => Labels.Span[row]),
        Weights.IsEmpty ? default : Array.ConvertAll(rows, row => Weights.Span[row]).AsMemory(),
        [])
    {
        Groups = Groups.IsEmpty ? default : Array.ConvertAll(rows, row => Groups.Span[row]).AsMemory(),
    };
}
