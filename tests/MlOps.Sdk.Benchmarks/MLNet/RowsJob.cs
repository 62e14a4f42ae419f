using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.MLNet;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>
/// One prediction after the other by the same pipeline: as the library serves it, and by a <c>PredictionEngine</c>, in the one thread that
/// it may have. Then blocks of rows, row by row and by one <c>Transform</c>.
/// </summary>
internal static class RowsJob
{
    private static readonly string[] s_texts =
    [
        "multiple_lines", "internet_service", "online_security", "online_backup", "device_protection", "tech_support", "streaming_tv",
        "streaming_movies", "contract", "payment_method",
    ];

    private static readonly string[] s_numbers =
    [
        "female", "senior_citizen", "partner", "dependents", "tenure", "phone_service", "paperless_billing", "monthly_charges",
        "total_charges",
    ];

    public static async Task RunAsync()
    {
        var (rows, _) = await ChurnTable.ReadAsync();
        using var model = await TrainAsync(rows, Trees);
        var ml = new MLContext(1);
        var engine = ml.Model.CreatePredictionEngine<ChurnRow, ChurnScore>(
            ml.Model.Load(new MemoryStream(model.Zip.ToArray()), out var schema), schema);
        ChurnRow[] customers = [.. Enumerable.Range(0, rows.RowCount).Select(row => ChurnRow.Of(rows, row))];
        Column[] columns = [.. model.Inputs.Select(field => rows[field.Name])];
        using var scratch = new PredictScratch();
        var output = new double[1];
        var score = new ChurnScore();
        for (var row = 0; row < rows.RowCount; row++)
        {
            engine.Predict(customers[row], ref score);
            Ours(row);
            if (output[0] != score.Probability) throw new InvalidOperationException($"The answers for row {row} differ.");
        }

        Console.WriteLine($"{rows.RowCount:N0} answers are equal to the bit; bytes allocated per prediction: " +
            $"{Allocated(() => Ours(1))} and {Allocated(() => engine.Predict(customers[1], ref score))}");
        SideBySide.Run(
            $"{rows.RowCount:N0} predictions, one by one, 100 trees over one-hot columns",
            ("row pipeline", () => Each(Ours)),
            ("PredictionEngine", () => Each(row => engine.Predict(customers[row], ref score))),
            rows.RowCount,
            "predictions");
        Blocks("trees", model, columns);
        using var texts = await TrainAsync(rows, Texts);
        Blocks("words", texts, [.. texts.Inputs.Select(field => rows[field.Name])]);

        void Ours(int row) => model.Predict(new RowBlock(columns, row, 1), output, scratch);

        void Each(Action<int> predict)
        {
            for (var row = 0; row < rows.RowCount; row++) predict(row);
        }
    }

    // By the clock, as several threads are what a transform is for.
    private static void Blocks(string name, PipelineModel model, Column[] columns)
    {
        using var scratch = new PredictScratch();
        foreach (var count in new[] { 256, 512, 1024, 2048, 4096 })
        {
            var output = new double[count];
            var times = new double[2][];
            Action[] ways = [() => model.PredictRows(Block(), output, scratch), () => model.PredictBlock(Block(), output)];
            foreach (var (i, way) in ways.Index())
            {
                way();
                times[i] = [.. Enumerable.Range(0, 15).Select(_ => Seconds(way)).Order()];
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}, block of {count}: row by row {times[0][7] / count * 1e6:F1} us, " +
                    $"one transform {times[1][7] / count * 1e6:F1} us a row"));

            RowBlock Block() => new(columns, 0, count);
        }
    }

    private static double Seconds(Action work)
    {
        var from = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    private static long Allocated(Action work)
    {
        work();
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static async Task<PipelineModel> TrainAsync(
        Dataset rows, Func<MLContext, PipelineSettings, IEstimator<ITransformer>> pipeline)
    {
        var problem = new ProblemDefinition { Task = TaskKind.BinaryClassification, Label = "churn", PositiveClass = "Yes" };
        var encoding = LabelEncoding.Learn(problem, rows);
        return (PipelineModel)await MicrosoftML.Pipeline("churn", "1", pipeline).TrainAsync(new RowTrainingContext
        {
            Task = problem.Task,
            Problem = problem,
            Encoding = encoding,
            Rows = rows,
            Labels = encoding.Encode(rows),
            Seed = 1,
        });
    }

    private static IEstimator<ITransformer> Trees(MLContext ml, PipelineSettings settings) => ml.Transforms.Categorical
        .OneHotEncoding([.. s_texts.Select(column => new InputOutputColumnPair(column))])
        .Append(ml.Transforms.ReplaceMissingValues("total_charges"))
        .Append(ml.Transforms.Concatenate("Features", [.. s_numbers, .. s_texts]))
        .Append(ml.BinaryClassification.Trainers.FastTree(settings.Label));

    private static IEstimator<ITransformer> Texts(MLContext ml, PipelineSettings settings) => ml.Transforms.Text
        .FeaturizeText("Features", options: new(), inputColumnNames: s_texts)
        .Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(settings.Label));
}
