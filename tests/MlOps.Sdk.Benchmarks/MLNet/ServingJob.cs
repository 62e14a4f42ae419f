using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.LightGbm;
using MlOps.Sdk.Features;
using MlOps.Sdk.MLNet;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>
/// Models that Microsoft.ML trained, served by the core and by the library: one row at a time beside a <c>PredictionEngine</c>, all rows
/// beside <c>Transform</c>. Both are given feature vectors there, so that the model alone is compared.
/// </summary>
internal static class ServingJob
{
    private const string Churn = "churn";

    /// <summary>Each side of a pair takes so long at least; what is shorter is mostly the work of others.</summary>
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(20);

    /// <summary>The runtime compiles hot code better after a while, and on a busy machine after a long while.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);

    public static async Task RunAsync()
    {
        var table = await ChurnVectors.ReadAsync(isContractAFeature: true);
        await CompareAsync("FastTree, 100 trees x 20 leaves", table, ml => ml.Trainers.FastTree(Churn));
        await CompareAsync(
            "FastForest, 100 trees x 20 leaves, Platt",
            table,
            ml => ml.Trainers.FastForest(Churn).Append(ml.Calibrators.Platt(Churn)));
        await CompareAsync("LightGBM, 100 trees x 31 leaves", table, ml => ml.Trainers.LightGbm(LightGbm(categories: false)));
        await CompareAsync("LightGBM with categories, 100 x 31", table, ml => ml.Trainers.LightGbm(LightGbm(categories: true)));
        await CompareAsync("GAM", table, ml => ml.Trainers.Gam(Churn, numberOfIterations: 1000));
        await CompareAsync("L-BFGS logistic regression", table, ml => ml.Trainers.LbfgsLogisticRegression(Churn));
        var classes = await ChurnVectors.ReadAsync(isContractAFeature: false);
        Compare<FeatureClasses>(
            "LightGBM, 3 classes x 100 trees x 31 leaves",
            classes,
            classes.Context.MulticlassClassification.Trainers.LightGbm(new LightGbmMulticlassTrainer.Options
            {
                LabelColumnName = "Class",
                NumberOfThreads = 1,
                NumberOfLeaves = 31,
                Deterministic = true,
            }));
    }

    /// <summary>Besides, from the customer's class to the answer: an endpoint, and an engine whose pipeline encodes the texts.</summary>
    private static async Task CompareAsync(
        string name, ChurnVectors table, Func<BinaryClassificationCatalog, IEstimator<ITransformer>> estimator)
    {
        var trained = Compare<ChurnScore>(name, table, estimator(table.Context.BinaryClassification));
        using var served = await ServedModel.TrainAsync(new TranslatedTrainer(estimator));
        var (rows, _) = await ChurnTable.ReadAsync();
        ChurnRow[] customers = [.. Enumerable.Range(0, rows.RowCount).Select(row => ChurnRow.Of(rows, row))];
        using var engine = table.Context.Model.CreatePredictionEngine<ChurnRow, ChurnScore>(table.Encoding.Append(trained));
        var score = new ChurnScore();
        Run(
            "from a class, one by one",
            ("endpoint, translated", () => served.Predict(served.Endpoint, customers.Length)),
            ("PredictionEngine", () =>
            {
                foreach (var customer in customers) engine.Predict(customer, ref score);
            }),
            customers.Length);
    }

    private static LightGbmBinaryTrainer.Options LightGbm(bool categories) => new()
    {
        LabelColumnName = Churn,
        NumberOfThreads = 1,
        NumberOfLeaves = 31,
        UseCategoricalSplit = categories,
        Deterministic = true,
    };

    private static ITransformer Compare<TAnswer>(string name, ChurnVectors table, IEstimator<ITransformer> estimator)
        where TAnswer : class, new()
    {
        var isBinary = typeof(TAnswer) == typeof(ChurnScore);
        var trained = estimator.Fit(table.View);
        var outputs = isBinary ? 1 : 3;
        var translation = ModelTranslation.Translate(new TranslationRequest
        {
            Predictor = trained,
            Signature = new ModelSignature(
                isBinary ? TaskKind.BinaryClassification : TaskKind.MulticlassClassification, table.Width, outputs),
            Rows = table.Rows,
        });
        using var model = translation.Model ?? throw new InvalidOperationException(translation.WhyNot);
        using var engine = table.Context.Model.CreatePredictionEngine<FeatureRow, TAnswer>(
            trained, inputSchemaDefinition: table.Definition);
        using var scratch = new PredictScratch();
        FeatureRow[] rows = [.. table.Rows.Select(row => new FeatureRow { Features = row })];
        float[] block = [.. table.Rows.SelectMany(row => row)];
        var output = new double[rows.Length * outputs];
        var answer = new TAnswer();
        Console.WriteLine($"## {name}: {translation.Parts}, {translation.Exactness}, {table.Width} features");
        Console.WriteLine($"bytes per prediction: {Allocated(() => Ours(1))} and {Allocated(() => engine.Predict(rows[1], ref answer))}; " +
            $"{Equal(trained, table, isBinary, model, block, output)} of {output.Length:N0} answers are equal to the bit");
        Run(
            "one by one",
            ("translated", () => Each(Ours)),
            ("PredictionEngine", () => Each(row => engine.Predict(rows[row], ref answer))),
            rows.Length);
        var column = isBinary ? "Probability" : "Score";
        Run(
            "all at once",
            ("translated", () => model.Predict(new FeatureBlock(block, table.Width), output, scratch)),
            ("Transform", () => Read(trained.Transform(table.View), column, isBinary)),
            rows.Length);
        return trained;

        void Ours(int row) =>
            model.Predict(new FeatureBlock(rows[row].Features, table.Width), output.AsSpan(row * outputs, outputs), scratch);

        void Each(Action<int> predict)
        {
            for (var row = 0; row < rows.Length; row++) predict(row);
        }
    }

    /// <summary>Warms both up by the clock, and repeats them until a pass takes long enough to be measured.</summary>
    private static void Run(string what, (string Name, Action Work) ours, (string Name, Action Work) theirs, int rows)
    {
        Repeat(ours.Work, s_warmUp);
        Repeat(theirs.Work, s_warmUp);
        var passes = Math.Max(1, Repeat(ours.Work, 10 * s_least) / 10);
        SideBySide.Run(
            $"{passes} x {rows:N0} predictions, {what}",
            (ours.Name, () => Times(ours.Work)),
            (theirs.Name, () => Times(theirs.Work)),
            (double)passes * rows,
            "predictions");

        void Times(Action work)
        {
            for (var i = 0; i < passes; i++) work();
        }

        static int Repeat(Action work, TimeSpan least)
        {
            var (count, from) = (0, Stopwatch.GetTimestamp());
            for (; Stopwatch.GetElapsedTime(from) < least; count++) work();
            return count;
        }
    }

    private static double Read(IDataView scored, string column, bool isScalar)
    {
        using var cursor = scored.GetRowCursor([scored.Schema[column]]);
        var sum = 0.0;
        if (isScalar)
        {
            var getter = cursor.GetGetter<float>(cursor.Schema[column]);
            var value = 0f;
            while (cursor.MoveNext())
            {
                getter(ref value);
                sum += value;
            }

            return sum;
        }

        var classes = cursor.GetGetter<VBuffer<float>>(cursor.Schema[column]);
        VBuffer<float> values = default;
        while (cursor.MoveNext())
        {
            classes(ref values);
            sum += values.GetValues()[0];
        }

        return sum;
    }

    private static int Equal(ITransformer trained, ChurnVectors table, bool isBinary, IModel model, float[] block, double[] output)
    {
        using var scratch = new PredictScratch();
        model.Predict(new FeatureBlock(block, table.Width), output, scratch);
        var library = LibraryScores.Read(trained, "Features", table.Rows, isBinary ? LibraryScores.Probability : LibraryScores.Score)
            .SelectMany(scores => scores);
        return library.Zip(output).Count(pair => pair.First == pair.Second || (float.IsNaN(pair.First) && double.IsNaN(pair.Second)));
    }

    private static long Allocated(Action work)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 100 && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
