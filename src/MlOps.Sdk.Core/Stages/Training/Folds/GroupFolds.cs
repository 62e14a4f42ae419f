using MlOps.Sdk.Processing;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Training;

/// <summary>Folds of a cross-validation in which no group is in two folds.</summary>
internal static class GroupFolds
{
    /// <summary>
    /// Gives the groups to the folds, the largest first, each to the fold with the fewest rows; equally large groups come in random order.
    /// </summary>
    /// <param name="groups">The group of each row.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="seed">The same seed gives the same folds.</param>
    /// <exception cref="MlOpsException">There are fewer groups than folds.</exception>
    public static IReadOnlyList<FoldRows> Split(RowKey[] groups, int folds, int seed)
    {
        var sizes = groups.CountBy(group => group).ToArray();
        if (sizes.Length < folds)
        {
            throw new MlOpsException(
                $"{sizes.Length} groups of training rows cannot be divided into {folds} folds.",
                "Collect rows of more groups, or lower CrossValidate(folds).");
        }

        // By key first, so that the order of the rows does not matter.
        Array.Sort(sizes, (a, b) => a.Key.CompareTo(b.Key));
        int[] order = [.. Enumerable.Range(0, sizes.Length)];
        SeededRandom.For(seed, sizes.Length, second: 4).Shuffle(order);
        var filled = new long[folds];
        var foldOf = new Dictionary<RowKey, int>(sizes.Length);
        foreach (var (group, size) in order.Select(i => sizes[i]).OrderByDescending(entry => entry.Value))
        {
            var smallest = Array.IndexOf(filled, filled.Min());
            filled[smallest] += size;
            foldOf[group] = smallest;
        }

        return FoldRows.Of(Array.ConvertAll(groups, group => foldOf[group]), folds);
    }
}
