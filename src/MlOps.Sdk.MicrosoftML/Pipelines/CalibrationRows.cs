namespace MlOps.Sdk.MLNet;

/// <summary>The rows on which margins are calibrated: none of their group was learned from.</summary>
internal static class CalibrationRows
{
    /// <summary>Deals the rows of each class to folds, and keeps groups together.</summary>
    /// <param name="labels">The class of each row.</param>
    /// <param name="groups">The group of each row; empty when each stands alone.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="seed">The same seed gives the same folds.</param>
    /// <exception cref="MlOpsException">A class has too few rows, or too few groups, for each fold to be judged.</exception>
    public static int[][] Split(ReadOnlySpan<double> labels, ReadOnlySpan<int> groups, int classCount, int folds, int seed)
    {
        var random = new Random(seed);
        var ofFold = new List<int>[folds];
        for (var i = 0; i < folds; i++) ofFold[i] = [];
        var members = Members(labels.Length, groups);
        var next = 0;
        for (var index = 0; index < classCount; index++)
        {
            // A group goes with the class of its first row.
            var ofClass = new List<int[]>();
            foreach (var rows in members)
            {
                if (labels[rows[0]] == index) ofClass.Add(rows);
            }

            for (var i = ofClass.Count - 1; i > 0; i--)
            {
                var j = random.Next(i + 1);
                (ofClass[i], ofClass[j]) = (ofClass[j], ofClass[i]);
            }

            foreach (var rows in ofClass)
            {
                // Groups are of different sizes: the next fold in turn is passed over while it has more rows than others.
                if (groups.IsEmpty) ofFold[next++ % folds].AddRange(rows);
                else ofFold.MinBy(fold => fold.Count)!.AddRange(rows);
            }
        }

        Check(labels, !groups.IsEmpty, classCount, ofFold);
        return Array.ConvertAll(ofFold, rows => rows.Order().ToArray());
    }

    /// <summary>The rows that are not in a fold.</summary>
    public static int[] Others(int[] fold, int rowCount)
    {
        HashSet<int> left = [.. fold];
        return [.. Enumerable.Range(0, rowCount).Where(row => !left.Contains(row))];
    }

    private static IEnumerable<int[]> Members(int rowCount, ReadOnlySpan<int> groups)
    {
        if (groups.IsEmpty) return Enumerable.Range(0, rowCount).Select(row => new[] { row });
        var numbers = groups.ToArray();
        return Enumerable.Range(0, rowCount).GroupBy(row => numbers[row]).Select(group => group.ToArray());
    }

    // A class that none of the rows has cannot be learned from them; cross-validation may leave one out.
    private static void Check(ReadOnlySpan<double> labels, bool areGrouped, int classCount, List<int>[] folds)
    {
        var counts = new int[folds.Length, classCount];
        var totals = new int[classCount];
        for (var fold = 0; fold < folds.Length; fold++)
        {
            foreach (var row in folds[fold])
            {
                counts[fold, (int)labels[row]]++;
                totals[(int)labels[row]]++;
            }
        }

        for (var index = 0; index < classCount; index++)
        {
            if (totals[index] == 0) continue;
            for (var fold = 0; fold < folds.Length; fold++)
            {
                if (totals[index] >= folds.Length && totals[index] > counts[fold, index]) continue;
                throw new MlOpsException(
                    $"A class has {totals[index]} training rows{(areGrouped ? " in too few groups" : "")}, " +
                        "too few to calibrate margins on rows outside the training.",
                    "Collect more rows, or use a trainer with probabilities.");
            }
        }
    }
}
