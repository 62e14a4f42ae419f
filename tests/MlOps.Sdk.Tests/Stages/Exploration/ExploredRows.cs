using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Tests.Exploration;

/// <summary>Drawn tables with a label, and their exploration.</summary>
internal static class ExploredRows
{
    public static Dataset Visits()
    {
        var builder = new RecordBatchBuilder(new Schema(
            new Field("signed_up", ColumnType.Timestamp),
            new Field("born", ColumnType.Timestamp),
            new Field("cancelled", ColumnType.Timestamp),
            new Field("churn", ColumnType.Text)));
        for (var i = 0; i < 200; i++)
        {
            var at = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i);
            ((TimestampColumnBuilder)builder[0]).Append(at);
            ((TimestampColumnBuilder)builder[1]).Append(at.AddDays(-9_000 - i));
            if (i % 2 == 0) ((TimestampColumnBuilder)builder[2]).Append(i % 4 == 0 ? at : at.AddDays(30));
            else builder[2].AppendNull();
            ((TextColumnBuilder)builder[3]).Append(i % 3 == 0 ? "Yes" : "No");
        }

        return Dataset.FromBatches(builder.Schema, [builder.Build()]);
    }

    public static ProblemDefinition Churn => new() { Task = TaskKind.BinaryClassification, Label = "churn", PositiveClass = "Yes" };

    public static ExplorationReport Run(Dataset rows, params IHypothesis[] hypotheses) =>
        ExplorationAnalysis.Run(rows, Churn, hypotheses, Correction.BenjaminiHochberg, 0.05, null, CancellationToken.None);

    public static Dataset Rows(int count)
    {
        var schema = new Schema(
            new Field("customer", ColumnType.Text),
            new Field("contract", ColumnType.Text),
            new Field("tenure", ColumnType.Number),
            new Field("noise", ColumnType.Number),
            new Field("cancelled_on_score", ColumnType.Number),
            new Field("exit_interview", ColumnType.Number),
            new Field("country", ColumnType.Text),
            new Field("churn", ColumnType.Text));
        var builder = new RecordBatchBuilder(schema);
        var random = new SeededRandom(17);
        for (var i = 0; i < count; i++)
        {
            var churn = random.NextDouble() < 0.35;
            ((TextColumnBuilder)builder[0]).Append($"c{i}");
            ((TextColumnBuilder)builder[1]).Append(random.NextDouble() < (churn ? 0.75 : 0.4) ? "monthly" : "yearly");
            ((NumberColumnBuilder)builder[2]).Append(random.NextDouble() * 40 + (churn ? 0 : 15));
            ((NumberColumnBuilder)builder[3]).Append(random.NextDouble());
            ((NumberColumnBuilder)builder[4]).Append(churn ? 1 + random.NextDouble() : random.NextDouble());
            if (churn) ((NumberColumnBuilder)builder[5]).Append(random.NextDouble());
            else builder[5].AppendNull();
            ((TextColumnBuilder)builder[6]).Append("DE");
            ((TextColumnBuilder)builder[7]).Append(churn ? "Yes" : "No");
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }

    public static Dataset Coins(int count)
    {
        var schema = new Schema(new Field("country_code", ColumnType.Integer), new Field("coin", ColumnType.Boolean));
        var builder = new RecordBatchBuilder(schema);
        var random = new SeededRandom(23);
        for (var i = 0; i < count; i++)
        {
            ((IntegerColumnBuilder)builder[0]).Append(random.Next(3));
            ((BooleanColumnBuilder)builder[1]).Append(random.Next(2) == 0);
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }
}
