using System.Globalization;

namespace MlOps.Sdk.Training;

/// <summary>Folds of a cross-validation in the order of time, with an expanding window.</summary>
internal static class TemporalFolds
{
    /// <summary>
    /// Divides the rows, by time, into one block more than there are folds, of about equally many rows; rows of the same time stay
    /// together. A fold is validated on one block and learns from all rows that are earlier than the block's first time less the gap. So
    /// nobody predicts the rows of the first block.
    /// </summary>
    /// <param name="times">The time of each row, in ticks.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="gap">How far a block lies behind what is learned from.</param>
    /// <exception cref="MlOpsException">There are too few different times, or the gap leaves a fold nothing to learn from.</exception>
    public static IReadOnlyList<FoldRows> Split(long[] times, int folds, TimeSpan gap)
    {
        long[] sorted = [.. times.Order()];
        long[] different = [.. sorted.Distinct()];
        if (different.Length <= folds)
            throw new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The training rows have {different.Length} different times, and {folds} folds in the order of time need {folds + 1}."),
                "Collect rows over a longer time, or lower CrossValidate(folds).");

        // Where each block but the first begins: where its share of rows says, and where each block gets at least one time.
        var begins = new int[folds + 1];
        for (var block = 1; block <= folds; block++)
        {
            var wanted = Array.BinarySearch(different, sorted[(long)block * sorted.Length / (folds + 1)]);
            begins[block] = Math.Clamp(wanted, begins[block - 1] + 1, different.Length - 1 - folds + block);
        }

        var split = new List<FoldRows>(folds);
        for (var block = 1; block <= folds; block++)
        {
            var begin = different[begins[block]];
            var end = block == folds ? long.MaxValue : different[begins[block + 1]];
            int[] train = [.. Enumerable.Range(0, times.Length).Where(row => times[row] < begin - gap.Ticks)];
            if (train.Length == 0)
                throw new MlOpsException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The gap of {gap} leaves fold {block} of {folds}, which is validated from " +
                            $"{new DateTime(begin, DateTimeKind.Utc):O} on, nothing to learn from."),
                    "Shorten the gap, lower CrossValidate(folds), or collect rows over a longer time.");
            split.Add(new FoldRows(train, [.. Enumerable.Range(0, times.Length).Where(row => times[row] >= begin && times[row] < end)]));
        }

        return split;
    }
}
