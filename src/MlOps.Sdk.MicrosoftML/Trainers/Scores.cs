using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads what was fitted says of rows in memory.</summary>
internal static class Scores
{
    /// <summary>The score of each row, or its scores, one per class in the library's order.</summary>
    /// <param name="fitted">What was fitted.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="most">How many rows at most.</param>
    /// <param name="numbers">Which training rows they are, for messages; <see langword="null"/> for the first ones.</param>
    /// <exception cref="MlOpsException">There is no score, or one is not a number.</exception>
    public static double[][] Read(ITransformer fitted, IDataView rows, int most = int.MaxValue, int[]? numbers = null)
    {
        var scored = fitted.Transform(rows);
        if (scored.Schema.GetColumnOrNull(TrainingColumns.Score) is not { } column)
        {
            throw new MlOpsException(
                "What was fitted writes no column 'Score'.",
                "End the pipeline with a trainer of Microsoft.ML, and do not rename its output columns.");
        }

        var scores = new List<double[]>();
        using var cursor = scored.GetRowCursor([column]);
        var read = Reader(cursor, column);
        while (scores.Count < most && cursor.MoveNext())
        {
            var ofRow = read();
            if (ofRow.Any(IsNot))
            {
                var number = numbers is null ? scores.Count : numbers[scores.Count];
                throw new MlOpsException(
                    FormattableString.Invariant($"The trainer gave training row {number} the score {ofRow.First(IsNot)}."),
                    "Scale the features to similar sizes, or lower the learning rate.");
            }
            scores.Add(ofRow);
        }

        return [.. scores];
    }

    private static bool IsNot(double score) => !double.IsFinite(score);

    private static Func<double[]> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
        {
            var vector = row.GetGetter<VBuffer<float>>(column);
            VBuffer<float> values = default;
            return () =>
            {
                vector(ref values);
                return [.. values.DenseValues().Select(value => (double)value)];
            };
        }

        var scalar = row.GetGetter<float>(column);
        var score = 0f;
        return () =>
        {
            scalar(ref score);
            return [score];
        };
    }
}
