using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk;

/// <summary>The rows that two runs kept sealed.</summary>
/// <param name="Reference">Their places in the holdout of the one.</param>
/// <param name="Run">Their places in the holdout of the other, in the same order.</param>
/// <param name="Keys">For each key, which of these rows have it; <see langword="null"/> where each row has a key of its own.</param>
/// <param name="LeftOut">How many rows have a key that both have, but repeats, so that nothing tells them apart.</param>
internal sealed record HoldoutMatch(int[] Reference, int[] Run, IReadOnlyList<int[]>? Keys, int LeftOut)
{
    /// <summary>Matches rows by their keys.</summary>
    /// <param name="reference">The keys of the rows of the one.</param>
    /// <param name="run">The keys of the rows of the other.</param>
    /// <param name="areSame">Whether both have the same rows in the same order.</param>
    /// <param name="theirs">What the one predicts for its rows.</param>
    /// <param name="ours">What the other predicts for its rows.</param>
    public static HoldoutMatch Of(RowKey[] reference, RowKey[] run, bool areSame, Evaluation theirs, Evaluation ours)
    {
        var places = KeyedRows.PlacesOf(reference).ToDictionary(each => each.Key, each => each.Rows);
        List<int> ofReference = [], ofRun = [];
        var keys = new List<int[]>();
        var leftOut = 0;
        foreach (var (key, rows) in KeyedRows.PlacesOf(run))
        {
            if (!places.TryGetValue(key, out var others)) continue;

            // Rows of one key may stand in another order, and others may have come, unless it makes no difference which is which.
            if (areSame || (rows.Count == 1 && others.Count == 1) || AreAlike(theirs, others, ours, rows))
            {
                keys.Add([.. Enumerable.Range(ofRun.Count, rows.Count)]);
                ofReference.AddRange(others);
                ofRun.AddRange(rows);
            }
            else leftOut += rows.Count;
        }

        return new HoldoutMatch([.. ofReference], [.. ofRun], keys.Count == ofRun.Count ? null : keys, leftOut);
    }

    // Rows that are equal, for example: both models predict the same for all of them.
    private static bool AreAlike(Evaluation theirs, List<int> others, Evaluation ours, List<int> rows)
    {
        if (others.Count != rows.Count || !theirs.Labels.Span[others[0]].Equals(ours.Labels.Span[rows[0]])) return false;
        if (!theirs.Weights.IsEmpty && !theirs.Weights.Span[others[0]].Equals(ours.Weights.Span[rows[0]])) return false;
        return IsConstant(theirs, others) && IsConstant(ours, rows);
    }

    private static bool IsConstant(Evaluation evaluation, List<int> rows)
    {
        var width = evaluation.Scores.Length / evaluation.RowCount;
        var labels = evaluation.Labels.Span;
        var weights = evaluation.Weights.Span;
        var scores = evaluation.Scores.Span;
        var first = rows[0];
        foreach (var row in rows)
        {
            if (!labels[row].Equals(labels[first]) || (!weights.IsEmpty && !weights[row].Equals(weights[first]))) return false;
            if (!scores.Slice(row * width, width).SequenceEqual(scores.Slice(first * width, width))) return false;
        }

        return true;
    }
}
