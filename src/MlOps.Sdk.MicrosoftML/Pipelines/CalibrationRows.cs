namespace MlOps.Sdk.MLNet;

/// <summary>The rows on which the margins of a pipeline are calibrated.</summary>
internal static class CalibrationRows
{
    /// <summary>Deals the rows of each class to folds.</summary>
    /// <param name="labels">The class of each row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="seed">The same seed gives the same folds.</param>
    /// <exception cref="MlOpsException">A class has fewer rows than there are folds.</exception>
    public static int[][] Split(ReadOnlySpan<double> labels, int classCount, int folds, int seed)
    {
        var random = new Random(seed);
        var ofFold = new List<int>[folds];
        for (var i = 0; i < folds; i++) ofFold[i] = [];
        var next = 0;
        for (var index = 0; index < classCount; index++)
        {
            var rows = new List<int>();
            for (var row = 0; row < labels.Length; row++)
            {
                if (labels[row] == index) rows.Add(row);
            }

            // A class that none of these rows has cannot be learned from them; cross-validation may leave one out.
            if (rows.Count == 0) continue;
            if (rows.Count < folds)
            {
                throw new MlOpsException(
                    $"A class has {rows.Count} training rows, " +
                        "too few to calibrate the pipeline's margins on rows that it was not trained on.",
                    "Collect more rows, or use a trainer that gives probabilities.");
            }

            for (var i = rows.Count - 1; i > 0; i--)
            {
                var j = random.Next(i + 1);
                (rows[i], rows[j]) = (rows[j], rows[i]);
            }

            foreach (var row in rows) ofFold[next++ % folds].Add(row);
        }

        return Array.ConvertAll(ofFold, rows => rows.Order().ToArray());
    }

    /// <summary>The rows that are not in a fold.</summary>
    public static int[] Others(int[] fold, int rowCount)
    {
        HashSet<int> left = [.. fold];
        return [.. Enumerable.Range(0, rowCount).Where(row => !left.Contains(row))];
    }
}
