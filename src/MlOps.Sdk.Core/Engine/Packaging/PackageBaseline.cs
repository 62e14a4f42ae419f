using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// What monitoring compares with: the training rows' inputs, and the scores that the model gave out of fold. Holds profiles, never
/// rows. Thread-safe for reading.
/// </summary>
public sealed class PackageBaseline
{
    private const byte FormatVersion = 1;

    /// <summary>The name of the column of scores.</summary>
    public const string ScoreColumn = "score";

    /// <summary>The name of the column of decisions; classification only.</summary>
    public const string DecisionColumn = "decision";

    internal PackageBaseline(long rows, IReadOnlyList<ColumnBaseline> inputs, IReadOnlyList<ColumnBaseline> predictions)
    {
        RowCount = rows;
        Inputs = inputs;
        Predictions = predictions;
    }

    /// <summary>The number of training rows.</summary>
    public long RowCount { get; }

    /// <summary>The columns that the model reads or observes.</summary>
    public IReadOnlyList<ColumnBaseline> Inputs { get; }

    /// <summary>The score (P(positive), the probability of the chosen class, or the number), and for classifiers the decision.</summary>
    public IReadOnlyList<ColumnBaseline> Predictions { get; }

    /// <summary>Builds a baseline.</summary>
    /// <param name="input">The columns of a raw row that are watched; vectors have no profile and are left out.</param>
    /// <param name="rows">The raw training rows.</param>
    /// <param name="decision">From scores to answers.</param>
    /// <param name="outOfFoldScores">The scores of the rows by models that did not train on them.</param>
    internal static PackageBaseline Build(Schema input, Dataset rows, Decision decision, ReadOnlySpan<double> outOfFoldScores)
    {
        var (scores, decisions) = PredictionColumns(decision, outOfFoldScores);
        var predictions = new List<ColumnBaseline> { ColumnBaseline.Of(ScoreColumn, scores) };
        if (decisions is not null) predictions.Add(ColumnBaseline.Of(DecisionColumn, decisions));
        return new PackageBaseline(
            rows.RowCount,
            [
                .. input.Where(field => field.Type != ColumnType.Vector)
                    .Select(field => ColumnBaseline.Of(field.Name, rows[field.Name].As(field))),
            ],
            predictions);
    }

    /// <summary>The score and the decision of rows as columns.</summary>
    internal static (Column Score, Column? Decision) PredictionColumns(Decision decision, ReadOnlySpan<double> scores)
    {
        var outputs = decision.Labels.Outputs;
        var score = new NumberColumnBuilder();
        var classes = decision.Labels.Task == TaskKind.Regression ? null : new TextColumnBuilder();
        for (var at = 0; at < scores.Length; at += outputs)
        {
            var ofRow = scores.Slice(at, outputs);
            var decided = decision.Decide(ofRow);
            score.Append(outputs > 1 ? ofRow[decided] : ofRow[0]);
            classes?.Append(decision.Labels.Classes[decided]);
        }

        return (score.Build(), classes?.Build());
    }

    internal void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Int64(RowCount);
        foreach (var columns in new[] { Inputs, Predictions })
        {
            writer.Int32(columns.Count);
            foreach (var column in columns)
            {
                writer.Text(column.Name);
                Write(writer, column.Profile.Save, to);
                Write(writer, column.Bins.Save, to);
            }
        }
    }

    internal static PackageBaseline Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "baseline of the package");
        reader.Version(FormatVersion);
        var rows = reader.Count();
        var inputs = ReadColumns(ref reader);
        var predictions = ReadColumns(ref reader);
        reader.End();
        return new PackageBaseline(rows, inputs, predictions);
    }

    private static ColumnBaseline[] ReadColumns(ref BinaryInput reader)
    {
        var columns = new ColumnBaseline[reader.Length(1)];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new ColumnBaseline(
                reader.Text(), ColumnProfile.Read(reader.Bytes(reader.Length(1))), ReferenceBins.Read(reader.Bytes(reader.Length(1))));
        }
        return columns;
    }

    private static void Write(BinaryOutput writer, Action<IBufferWriter<byte>> save, IBufferWriter<byte> to)
    {
        var buffer = new ArrayBufferWriter<byte>();
        save(buffer);
        writer.Int32(buffer.WrittenCount);
        to.Write(buffer.WrittenSpan);
    }
}
