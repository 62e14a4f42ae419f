using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Made-up customers with a column of every kind: <c>tenure</c> (Number, every tenth missing), <c>visits</c> (Integer), <c>member</c>
/// (Boolean), <c>contract</c> and <c>review</c> (Text, some missing), <c>since</c> (Timestamp), <c>shape</c> (Vector of 3), and three
/// labels that depend on them: <c>churn</c> (no, yes), <c>segment</c> (gold, basic, silver in the order of occurrence) and <c>spend</c>
/// (Number).
/// </summary>
internal static class PipelineRows
{
    public static Schema Schema { get; } = new(
        new Field("tenure", ColumnType.Number),
        new Field("visits", ColumnType.Integer),
        new Field("member", ColumnType.Boolean),
        new Field("contract", ColumnType.Text),
        new Field("review", ColumnType.Text),
        new Field("since", ColumnType.Timestamp),
        new Field("shape", ColumnType.Vector, 3),
        new Field("churn", ColumnType.Text),
        new Field("segment", ColumnType.Text),
        new Field("spend", ColumnType.Number));

    private static readonly string[] s_words = ["good", "bad", "slow", "fast", "cheap", "dear", "kind", "rude"];

    /// <summary>Makes rows; the same arguments give the same ones.</summary>
    public static Dataset Create(int count, int seed = 1)
    {
        var random = new Random(seed);
        var begin = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var batches = new List<RecordBatch>();
        var builder = new RecordBatchBuilder(Schema);
        for (var row = 0; row < count; row++)
        {
            var tenure = random.NextDouble() * 72;
            var visits = random.Next(20);
            var member = random.Next(2) == 1;
            var contract = random.Next(10) switch { < 5 => "Month-to-month", < 8 => "One year", < 9 => "Two year", _ => null };
            string[] words = [.. Enumerable.Range(0, 6).Select(_ => s_words[random.Next(s_words.Length)])];
            var mood = words.Count(word => word is "bad" or "rude" or "slow") - 2.2;
            var risk = mood + (36 - tenure) / 24 + (contract == "Month-to-month" ? 0.8 : -0.5) + random.NextDouble() - 0.5;
            words = [.. words, $"w{random.Next(300)}", $"w{random.Next(300)}"];
            if (row % 10 == 9) builder[0].AppendNull();
            else ((NumberColumnBuilder)builder[0]).Append(tenure);
            ((IntegerColumnBuilder)builder[1]).Append(visits);
            ((BooleanColumnBuilder)builder[2]).Append(member);
            ((TextColumnBuilder)builder[3]).Append(contract);
            ((TextColumnBuilder)builder[4]).Append(row % 17 == 16 ? null : string.Join(' ', words));
            ((TimestampColumnBuilder)builder[5]).Append(begin.AddMinutes(random.Next(60 * 24 * 365)));
            ((VectorColumnBuilder)builder[6]).Append([(float)tenure, visits, member ? 1 : 0]);
            ((TextColumnBuilder)builder[7]).Append(risk > 0 ? "yes" : "no");
            ((TextColumnBuilder)builder[8]).Append(row == 0 ? "gold" : tenure < 24 ? "basic" : visits < 10 ? "silver" : "gold");
            ((NumberColumnBuilder)builder[9]).Append(3 * visits + (member ? 20 : 0) + random.NextDouble());
            if (builder.Count == RecordBatch.MaxRows) batches.Add(builder.Build());
        }

        batches.Add(builder.Build());
        return Dataset.FromBatches(Schema, batches);
    }

    /// <summary>Rows as serving may meet them: missing values, and texts and numbers that training never saw.</summary>
    public static Dataset Strange()
    {
        var builder = new RecordBatchBuilder(Schema);
        for (var row = 0; row < 4; row++)
        {
            for (var i = 0; i < Schema.Count; i++)
            {
                if (row == 0)
                {
                    builder[i].AppendNull();
                    continue;
                }

                switch (builder[i])
                {
                    case NumberColumnBuilder numbers: numbers.Append(row switch { 1 => -1e30, 2 => 1e9, _ => 0.1 }); break;
                    case IntegerColumnBuilder integers:
                        integers.Append(row switch { 1 => long.MinValue, 2 => long.MaxValue, _ => -1 });
                        break;
                    case BooleanColumnBuilder flags: flags.Append(row == 1); break;
                    case TextColumnBuilder texts:
                        texts.Append(row switch { 1 => "", 2 => "never seen \0 \uD83D\uDE00", _ => new string('x', 5000) });
                        break;
                    case TimestampColumnBuilder times: times.Append(row == 1 ? DateTime.MinValue : DateTime.MaxValue); break;
                    case VectorColumnBuilder vectors: vectors.Append([float.NaN, 1, -1]); break;
                }
            }
        }

        return Dataset.FromBatches(Schema, [builder.Build()]);
    }

    /// <summary>What a trainer is given for one of the labels; the other two are no columns of the rows.</summary>
    public static RowTrainingContext Context(
        Dataset rows,
        string label = "churn",
        IReadOnlyDictionary<string, HyperparameterValue>? parameters = null,
        double[]? weights = null,
        int seed = 5,
        IReadOnlyList<string>? without = null,
        ILogger? logger = null,
        int threads = 1)
    {
        var problem = new ProblemDefinition
        {
            Task = label switch
            {
                "churn" or "member" => TaskKind.BinaryClassification,
                "segment" => TaskKind.MulticlassClassification,
                _ => TaskKind.Regression,
            },
            Label = label,
            PositiveClass = label switch { "churn" => "yes", "member" => "true", _ => null },
        };
        var kept = Only(rows, [.. Schema.Select(field => field.Name)
            .Where(name => (name == label || name is not ("churn" or "segment" or "spend")) && without?.Contains(name) != true)]);
        var encoding = LabelEncoding.Learn(problem, kept);
        return new RowTrainingContext
        {
            Task = problem.Task,
            Problem = problem,
            Encoding = encoding,
            Rows = kept,
            Labels = encoding.Encode(kept),
            Weights = weights ?? [],
            ClassCount = encoding.ClassCount,
            Parameters = parameters ?? new Dictionary<string, HyperparameterValue>(),
            Seed = seed,
            Threads = threads,
            Logger = logger ?? NullLogger.Instance,
        };
    }

    /// <summary>Some columns of a table.</summary>
    public static Dataset Only(Dataset rows, params string[] columns)
    {
        var schema = new Schema(columns.Select(column => rows.Schema[column]));
        return Dataset.FromBatches(
            schema, rows.ToBatches().Select(batch => new RecordBatch(schema, [.. columns.Select(column => batch[column])])));
    }
}
