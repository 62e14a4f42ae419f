using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Training;

/// <summary>Assigns rows to the folds of a cross-validation.</summary>
public static class StratifiedFolds
{
    /// <summary>
    /// Assigns every row to one of the folds at random, so that fold sizes differ by at most one and, when stratified, so do each class's.
    /// A class with at least as many rows as there are folds is in every fold.
    /// </summary>
    /// <param name="labels">The truth per row.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="seed">The same seed gives the same folds.</param>
    /// <param name="stratify">Whether equal labels are spread evenly; for classes, not for regression.</param>
    /// <returns>The fold per row, from 0.</returns>
    /// <exception cref="MlOpsException">There are fewer rows than folds.</exception>
    public static int[] Assign(ReadOnlySpan<double> labels, int folds, int seed, bool stratify = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        if (labels.Length < folds)
        {
            throw new MlOpsException(
                $"{labels.Length} training rows cannot be divided into {folds} folds.",
                "Collect more rows, or lower CrossValidate(folds).");
        }

        var order = new int[labels.Length];
        for (var row = 0; row < order.Length; row++) order[row] = row;
        SeededRandom.For(seed, order.Length, second: 4).Shuffle(order);
        if (stratify)
        {
            var truths = labels.ToArray();
            // The sort is stable, so a class keeps its random order.
            order = [.. order.OrderBy(row => truths[row])];
        }

        // Dealt like cards, from class to class without a break, so that the folds stay equally large.
        var assigned = new int[order.Length];
        for (var i = 0; i < order.Length; i++) assigned[order[i]] = i % folds;
        return assigned;
    }
}
