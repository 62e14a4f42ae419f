using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// Chooses golden rows and asks the model for its answers: rows from all over the table, one in which every value is missing, and one of
/// values that training did not see, as far as the model answers such rows.
/// </summary>
internal static class GoldenAnswers
{
    private const string Unseen = "\u0001 unseen";

    /// <summary>The golden rows of a model.</summary>
    /// <param name="graph">From raw rows to what the model reads.</param>
    /// <param name="model">The model.</param>
    /// <param name="rawRows">Rows to choose from.</param>
    /// <param name="count">How many rows of the table to take at most.</param>
    /// <param name="rules">The input contract, whose defaults decide answers; <see langword="null"/> for none.</param>
    public static GoldenRows Of(FeatureGraph graph, TrainedModel model, Dataset rawRows, int count, InputRules? rules = null)
    {
        Column[] columns = [.. graph.Input.Select(field => rawRows[field.Name].As(field))];
        var rows = new List<byte[]>();
        var scores = new List<long>();
        using var scorer = new ModelScorer(graph, model, rules);
        var taken = Math.Min(count, rawRows.RowCount);
        for (var i = 0; i < taken; i++)
        {
            // All in one block, as a package is checked.
            var row = (int)((long)i * rawRows.RowCount / taken);
            rows.Add(Saved(columns, row));
            for (var c = 0; c < columns.Length; c++) scorer.Inputs[c].Append(columns[c], row);
        }

        scorer.Check?.Run(0, defaultsOnly: true);
        foreach (var score in scorer.Score()) scores.Add(BitConverter.DoubleToInt64Bits(score));
        foreach (var strange in new[] { Strange(graph.Input, isMissing: true), Strange(graph.Input, isMissing: false) })
        {
            if (Answer(graph, model, rules, strange) is not { } answer) continue;
            rows.Add(Saved(strange, 0));
            scores.AddRange(Array.ConvertAll(answer, BitConverter.DoubleToInt64Bits));
        }

        return new GoldenRows { Rows = [.. rows], ScoreBits = [.. scores] };
    }

    // A step of the lifecycle, or the model, may reject what no row had.
    private static double[]? Answer(FeatureGraph graph, TrainedModel model, InputRules? rules, Column[] row)
    {
        try
        {
            using var scorer = new ModelScorer(graph, model, rules);
            for (var c = 0; c < row.Length; c++) scorer.Inputs[c].Append(row[c], 0);
            scorer.Check?.Run(0, defaultsOnly: true);
            var scores = scorer.Score().ToArray();
            return scores.All(double.IsFinite) ? scores : null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return null;
        }
    }

    private static byte[] Saved(Column[] columns, int row)
    {
        var buffer = new ArrayBufferWriter<byte>();
        RowCodec.Write(columns, row, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static Column[] Strange(Schema schema, bool isMissing)
    {
        var columns = new Column[schema.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var builder = ColumnBuilder.Create(schema[i].Type, schema[i].Length);
            switch (builder)
            {
                case TextColumnBuilder texts when !isMissing: texts.Append(Unseen); break;
                case NumberColumnBuilder numbers when !isMissing: numbers.Append(-123_456.789); break;
                case IntegerColumnBuilder integers when !isMissing: integers.Append(-123_456); break;
                case BooleanColumnBuilder flags when !isMissing: flags.Append(true); break;
                default: builder.AppendNull(); break;
            }

            columns[i] = builder.View;
        }

        return columns;
    }
}
