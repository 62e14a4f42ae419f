using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Writes answers as Arrow, with the columns that batch scoring adds to a table, and the arm.</summary>
internal static class ArrowAnswer
{
    public static async Task<ReadOnlyMemory<byte>> WriteAsync(Answers answers, bool asStream, CancellationToken cancellationToken)
    {
        var labels = answers.Labels;
        var isMulticlass = labels.Task == TaskKind.MulticlassClassification;
        var schema = new Schema(
        [
            new Field("prediction_id", ColumnType.Text),
            new Field("model_version", ColumnType.Integer),
            new Field("arm", ColumnType.Text),
            .. isMulticlass
                ? labels.Classes.Select(label => new Field($"score_{label}", ColumnType.Number))
                : [new Field("score", ColumnType.Number)],
            .. labels.Task == TaskKind.Regression ? Array.Empty<Field>() : [new Field("decision", ColumnType.Text)],
        ]);
        using var bytes = new MemoryStream();
        var writer = new ArrowWriter(bytes, asStream);
        await writer.BeginAsync(schema, cancellationToken).ConfigureAwait(false);
        for (var start = 0; start < answers.Rows.Count; start += RecordBatch.MaxRows)
        {
            var batch = BatchOf(answers, schema, start, isMulticlass);
            await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        }

        await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private static RecordBatch BatchOf(Answers answers, Schema schema, int start, bool isMulticlass)
    {
        var count = Math.Min(RecordBatch.MaxRows, answers.Rows.Count - start);
        var builder = new RecordBatchBuilder(schema, count);
        foreach (var row in answers.Rows.Skip(start).Take(count))
        {
            ((TextColumnBuilder)builder[0]).Append(row.Id.ToString());
            ((IntegerColumnBuilder)builder[1]).Append(row.Version);
            ((TextColumnBuilder)builder[2]).Append(row.Arm);
            var scores = isMulticlass ? row.Value.Scores : [row.Value.Score];
            for (var i = 0; i < scores.Count; i++) ((NumberColumnBuilder)builder[3 + i]).Append(scores[i]);
            if (schema.Count > 3 + scores.Count) ((TextColumnBuilder)builder[3 + scores.Count]).Append(row.Value.Label);
        }

        return builder.Build();
    }
}
