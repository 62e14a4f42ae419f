using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.MLNet.Tests;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class PipelineTrainerTests
{
    private static readonly Dataset s_rows = PipelineRows.Create(600);
    private static readonly Dataset s_unseen = PipelineRows.Create(400, seed: 2);

    [Test]
    public async Task TrainAsync_CodeOfModelBuilder_LearnsTheProblem()
    {
        using var model = await Train((ml, _) => PipelineSamples.ModelBuilder(ml));

        var scores = Predictions.Of(model, s_unseen);

        Assert.That(model.Inputs.Select(field => field.Name), Is.EqualTo(new[] { "tenure", "visits", "member", "contract", "review" }));
        Assert.That(scores, Is.All.InRange(0.0, 1.0));
        Assert.That(Auc(scores), Is.GreaterThan(0.8));
    }

    [Test]
    public async Task TrainAsync_ProbabilityOfTheTrainer_IsTheOutputToTheBit()
    {
        using var model = await Train(PipelineSamples.Trees);
        var expected = ByHand((ml, view) => PipelineSamples.Numbers(ml).Append(ml.BinaryClassification.Trainers.FastTree(
            "churn", numberOfTrees: 10, numberOfLeaves: 6, minimumExampleCountPerLeaf: 5)).Fit(view).Transform(view));

        Assert.That(Predictions.Bits(Predictions.Of(model, s_rows)), Is.EqualTo(Predictions.Bits(expected)));
    }

    [Test]
    public async Task TrainAsync_Margins_AreCalibratedOnRowsThatWereNotTrainedOn()
    {
        using var model = await Train(PipelineSamples.Margins);

        var scores = Predictions.Of(model, s_unseen);

        Assert.That(scores, Is.All.InRange(0.0, 1.0));
        Assert.That(Auc(scores), Is.GreaterThan(0.7));
        var labels = PipelineRows.Context(s_unseen).Labels;
        var calibrated = Metric.LogLoss.Compute(Binary(scores, labels)).Value;
        var constant = Metric.LogLoss.Compute(Binary([.. scores.Select(_ => labels.ToArray().Average())], labels)).Value;
        Assert.That(calibrated, Is.LessThan(constant - 0.05));
        Assert.That(scores.Average(), Is.EqualTo(labels.ToArray().Average()).Within(0.08));
    }

    [Test]
    public async Task TrainAsync_MarginsOfFewRowsOfAClass_AreRefused()
    {
        var context = PipelineRows.Context(s_rows);
        int[] rows = [.. Enumerable.Range(0, 600).Where(row => context.Labels.Span[row] == 0), .. Enumerable.Range(0, 600).Where(
            row => context.Labels.Span[row] == 1).Take(2)];

        await Assert.ThatAsync(
            () => Train(PipelineSamples.Margins, PipelineRows.Context(s_rows.Take(rows))),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("2 training rows"));
    }

    [Test]
    public async Task TrainAsync_SeveralClasses_AreInTheOrderOfTheProblem()
    {
        using var model = await Train(PipelineSamples.Classes, PipelineRows.Context(s_rows, "segment"));
        var truth = PipelineRows.Context(s_unseen, "segment");

        var scores = Predictions.Of(model, s_unseen);

        Assert.That(truth.Encoding.Classes, Is.EqualTo(new[] { "basic", "gold", "silver" }));
        Assert.That(s_rows["segment"].GetText(0), Is.EqualTo("gold"), "ML.NET's first class is another one.");
        Assert.That(scores.Chunk(3).Select(row => row.Sum()), Is.All.EqualTo(1.0).Within(1e-9));
        var hits = scores.Chunk(3).Select((row, i) => Array.IndexOf(row, row.Max()) == truth.Labels.Span[i]).Count(hit => hit);
        Assert.That(hits / 400.0, Is.GreaterThan(0.75));
    }

    [Test]
    public async Task TrainAsync_ClassThatAFoldDoesNotHave_HasProbabilityZero()
    {
        var all = PipelineRows.Context(s_rows, "segment");
        int[] rows = [.. Enumerable.Range(0, 600).Where(row => all.Labels.Span[row] != 1)];
        var part = new RowTrainingContext
        {
            Task = all.Task,
            Problem = all.Problem,
            Encoding = all.Encoding,
            Rows = all.Rows.Take(rows),
            Labels = Array.ConvertAll(rows, row => all.Labels.Span[row]),
            ClassCount = 3,
        };
        using var model = await Train(PipelineSamples.Classes, part);

        var scores = Predictions.Of(model, s_unseen).Chunk(3).ToArray();

        Assert.That(scores.Select(row => row[1]), Is.All.Zero);
        Assert.That(scores.Select(row => row.Sum()), Is.All.EqualTo(1.0).Within(1e-9));
    }

    [Test]
    public async Task TrainAsync_ScoresOfClassesThatAreNoProbabilities_AreCalibrated()
    {
        using var model = await Train(PipelineSamples.ClassScores, PipelineRows.Context(s_rows, "segment"));
        var truth = PipelineRows.Context(s_unseen, "segment");

        var scores = Predictions.Of(model, s_unseen);

        Assert.That(scores, Is.All.InRange(0.0, 1.0));
        Assert.That(scores.Chunk(3).Select(row => row.Sum()), Is.All.EqualTo(1.0).Within(1e-9));
        var hits = scores.Chunk(3).Select((row, i) => Array.IndexOf(row, row.Max()) == truth.Labels.Span[i]).Count(hit => hit);
        Assert.That(hits / 400.0, Is.GreaterThan(0.7));
    }

    [Test]
    public async Task TrainAsync_TrainerOfClassesWithoutMapValueToKey_GetsTheLabelAsAKey()
    {
        using var model = await Train(
            (ml, settings) => PipelineSamples.Numbers(ml)
                .Append(ml.Transforms.NormalizeMinMax("Features"))
                .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(settings.Label)),
            PipelineRows.Context(s_rows, "segment"));
        var truth = PipelineRows.Context(s_unseen, "segment");

        var scores = Predictions.Of(model, s_unseen).Chunk(3).ToArray();

        var hits = scores.Select((row, i) => Array.IndexOf(row, row.Max()) == truth.Labels.Span[i]).Count(hit => hit);
        Assert.That(hits / 400.0, Is.GreaterThan(0.75));
    }

    // With a key of booleans, ML.NET names no slots: only the values tell which score is whose.
    [TestCase(DataKind.Boolean)]
    [TestCase(DataKind.String)]
    [TestCase(DataKind.Single)]
    public async Task TrainAsync_BooleanLabelAsAKey_IsMatchedByItsValues(DataKind kind)
    {
        using var model = await Train(
            (ml, settings) => ml.Transforms.Conversion.MapValueToKey(settings.Read(settings.Label, kind).Label)
                .Append(ml.Transforms.CopyColumns("Features", "shape"))
                .Append(ml.MulticlassClassification.Trainers.OneVersusAll(
                    ml.BinaryClassification.Trainers.FastTree(settings.Label, numberOfTrees: 5), settings.Label)),
            PipelineRows.Context(s_rows, "member"));
        var truth = PipelineRows.Context(s_unseen, "member").Labels.ToArray();

        var scores = Predictions.Of(model, s_unseen);

        Assert.That(model.Inputs.Select(field => field.Name), Is.EqualTo(new[] { "shape" }));
        Assert.That(scores.Select(score => score > 0.5 ? 1.0 : 0), Is.EqualTo(truth));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task TrainAsync_PipelineThatMakesTrueOfAClassItself_IsRefusedWhenItIsTheOther(bool isPositive)
    {
        var values = new Dictionary<string, bool> { ["yes"] = isPositive, ["no"] = !isPositive };
        async Task<IRowModel> TrainAsync() => await Train(
            (ml, settings) => ml.Transforms.Conversion.MapValue("IsTrue", values, settings.Read(settings.Label, DataKind.String).Label)
                .Append(PipelineSamples.Numbers(ml))
                .Append(ml.BinaryClassification.Trainers.FastTree("IsTrue", numberOfTrees: 10)),
            PipelineRows.Context(s_rows));

        if (!isPositive)
        {
            Assert.That(
                async () => await TrainAsync(),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("predicts the wrong class").And.Message.Contains("'yes'"));
            return;
        }

        using var model = await TrainAsync();
        var truth = PipelineRows.Context(s_unseen).Labels.ToArray();
        Assert.That(
            Predictions.Of(model, s_unseen).Zip(truth, (score, label) => score > 0.5 == (label == 1)).Count(hit => hit),
            Is.GreaterThan(240));
    }

    [Test]
    public async Task TrainAsync_Regression_GivesTheScore()
    {
        using var model = await Train(PipelineSamples.Number, PipelineRows.Context(s_rows, "spend"));

        var predicted = Predictions.Of(model, s_unseen);

        var truth = PipelineRows.Context(s_unseen, "spend").Labels.ToArray();
        var error = predicted.Zip(truth, (p, t) => (p - t) * (p - t)).Average();
        var spread = truth.Select(t => (t - truth.Average()) * (t - truth.Average())).Average();
        Assert.That(error, Is.LessThan(0.1 * spread));
    }

    [Test]
    public async Task TrainAsync_Twice_SameBytes()
    {
        using var first = await Train((ml, _) => PipelineSamples.ModelBuilder(ml));
        using var second = await Train((ml, _) => PipelineSamples.ModelBuilder(ml));

        Assert.That(Predictions.Save(second.Save), Is.EqualTo(Predictions.Save(first.Save)));
    }

    // A run does not use again what another version of the library trained.
    [Test]
    public void Version_Pipeline_NamesThatOfTheLibrary() => Assert.That(
        MicrosoftML.Pipeline("trees", "7", PipelineSamples.Trees).Version, Is.EqualTo($"7, Microsoft.ML {LibraryVersion.Text}"));

    [Test]
    public async Task TrainAsync_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThatAsync(
            async () => await MicrosoftML.Pipeline("trees", "1", PipelineSamples.Trees).TrainAsync(
                PipelineRows.Context(s_rows), cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task TrainAsync_CancelledWhileItFits_Throws()
    {
        using var source = new CancellationTokenSource();
        var trainer = MicrosoftML.Pipeline("trees", "1", (ml, settings) => PipelineSamples.Numbers(ml)
            .Append(new CancellingEstimator(ml, source))
            .Append(ml.BinaryClassification.Trainers.FastTree(settings.Label, numberOfTrees: 100_000)));

        await Assert.ThatAsync(
            async () => await trainer.TrainAsync(PipelineRows.Context(PipelineRows.Create(5000)), source.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    // A generalized additive model asks nobody whether it should go on.
    [TestCase(false)]
    [TestCase(true)]
    public void TrainAsync_CancelledWhileAnAdditiveModelLearns_Ends(bool isOneVersusAll)
    {
        using var source = new CancellationTokenSource();
        var logger = new CancellingLogger(source, "Starting to train");
        var trainer = MicrosoftML.Pipeline("gam", "1", (ml, settings) =>
        {
            var gam = ml.BinaryClassification.Trainers.Gam(settings.Label, numberOfIterations: 1_000_000);
            IEstimator<ITransformer> last = isOneVersusAll ? ml.MulticlassClassification.Trainers.OneVersusAll(gam, settings.Label) : gam;
            return PipelineSamples.Numbers(ml).Append(last);
        });

        Assert.That(
            async () => await trainer.TrainAsync(
                PipelineRows.Context(s_rows, isOneVersusAll ? "segment" : "churn", logger: logger), source.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(logger.Heard);
    }

    [Test]
    public async Task TrainAsync_LabelAmongTheFeatures_IsRefused()
    {
        await Assert.ThatAsync(
            () => Train((ml, settings) => ml.Transforms.Categorical.OneHotEncoding("leak", settings.Label)
                .Append(ml.Transforms.Concatenate("Features", "visits", "leak"))
                .Append(ml.Transforms.Conversion.MapValue(
                    "truth", new Dictionary<string, bool> { ["yes"] = true, ["no"] = false }, settings.Label))
                .Append(ml.BinaryClassification.Trainers.FastTree("truth", numberOfTrees: 2))),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("reads the label 'churn'"));
    }

    [Test]
    public async Task TrainAsync_ColumnThatDoesNotExist_IsNamedWithThoseThatDo()
    {
        await Assert.ThatAsync(
            () => Train((ml, _) => ml.Transforms.Concatenate("Features", "tenur")
                .Append(ml.BinaryClassification.Trainers.FastTree("churn"))),
            Throws.InstanceOf<MlOpsException>()
                .With.Message.Contains("tenur").And.Property(nameof(MlOpsException.Remedy)).Contains("tenure (Number)"));
    }

    [Test]
    public async Task TrainAsync_PipelineWithoutATrainer_IsRefused()
    {
        await Assert.ThatAsync(
            () => Train((ml, _) => PipelineSamples.Numbers(ml)),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("no column 'Score'").And.Message.Contains("Features"));
    }

    [Test]
    public async Task TrainAsync_StepThatDropsRowsWhenItServes_IsRefused()
    {
        await Assert.ThatAsync(
            () => Train((ml, settings) => PipelineSamples.Trees(ml, settings).Append(new RowDroppingEstimator(ml))),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("row by row"));
    }

    [Test]
    public async Task TrainAsync_StepOfTrainingOnly_IsLeftOutWhenItServes()
    {
        using var model = await Train((ml, settings) => new EstimatorChain<ITransformer>()
            .Append(new RowDroppingEstimator(ml), TransformerScope.Training)
            .Append(PipelineSamples.Trees(ml, settings)));

        var rows = PipelineRows.Create(3000, seed: 3);

        Assert.That(
            Predictions.Bits(Predictions.OneByOne(model, rows)), Is.EqualTo(Predictions.Bits(Predictions.Of(model, rows))));
    }

    [Test]
    public async Task TrainAsync_WeightsThatThePipelineDoesNotRead_AreRefused()
    {
        var context = PipelineRows.Context(s_rows, weights: [.. Enumerable.Repeat(2.0, 600)]);

        await Assert.ThatAsync(
            () => Train((ml, _) => PipelineSamples.ModelBuilder(ml), context),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("does not read them"));
    }

    [Test]
    public async Task TrainAsync_Weights_ReachTheTrainer()
    {
        double[] weights = [.. PipelineRows.Context(s_rows).Labels.ToArray().Select(label => label == 1 ? 20.0 : 1.0)];
        using var weighted = await Train(PipelineSamples.Trees, PipelineRows.Context(s_rows, weights: weights));
        using var plain = await Train(PipelineSamples.Trees);

        Assert.That(weighted.Inputs, Is.EqualTo(plain.Inputs), "Weights are not read when it serves.");
        Assert.That(Predictions.Of(weighted, s_unseen).Average(), Is.GreaterThan(Predictions.Of(plain, s_unseen).Average() + 0.1));
    }

    [Test]
    public async Task TrainAsync_Hyperparameters_ReachThePipeline()
    {
        var seen = new List<double>();
        var trainer = MicrosoftML.Pipeline(
            "trees",
            "1",
            (ml, settings) =>
            {
                seen.Add((double)settings["rate"]);
                return PipelineSamples.Trees(ml, settings);
            },
            new NumberHyperparameter("rate", 0.2, 0.01, 1));

        using var first = await trainer.TrainAsync(PipelineRows.Context(s_rows));
        using var second = await trainer.TrainAsync(
            PipelineRows.Context(s_rows, parameters: new Dictionary<string, HyperparameterValue> { ["rate"] = 0.5 }));

        Assert.That(seen.Distinct(), Is.EqualTo(new[] { 0.2, 0.5 }));
        await Assert.ThatAsync(
            async () => await trainer.TrainAsync(
                PipelineRows.Context(s_rows, parameters: new Dictionary<string, HyperparameterValue> { ["rate"] = 7 })),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("rate"));
    }

    [Test]
    public async Task TrainAsync_HyperparameterThatIsNotDeclared_IsRefused()
    {
        await Assert.ThatAsync(
            () => Train((ml, settings) => PipelineSamples.Numbers(ml).Append(
                ml.BinaryClassification.Trainers.FastTree(settings.Label, numberOfTrees: settings["trees"].AsInteger()))),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'trees'"));
    }

    [Test]
    public async Task TrainAsync_ColumnsReadAsOtherKinds_HaveTheirTypes()
    {
        using var model = await Train(Typed);

        var scores = Predictions.Of(model, s_unseen);

        Assert.That(scores, Is.All.InRange(0.0, 1.0));
        Assert.That(scores.Distinct().Count(), Is.GreaterThan(2));
    }

    [Test]
    public async Task Predict_MissingValueWhereTheTypeHasNone_IsRefused()
    {
        using var model = await Train(Typed);

        Assert.That(
            () => Predictions.Of(model, PipelineRows.Strange().Take([0])),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("Boolean").Or.Message.Contains("Int64"));
    }

    [Test]
    public async Task TrainAsync_ColumnThatCannotBeReadSo_IsRefused()
    {
        await Assert.ThatAsync(
            () => Train((ml, settings) => PipelineSamples.Trees(ml, settings.Read("contract", DataKind.Single))),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'contract' is Text"));
    }

    [Test]
    public async Task TrainAsync_MappingWithoutAContract_CannotBeSaved()
    {
        await Assert.ThatAsync(
            () => Train((ml, settings) => ml.Transforms.CustomMapping<Visits, Often>((from, to) => to.IsOften = from.Count, null)
                .Append(ml.Transforms.Concatenate("Features", "IsOften"))
                .Append(ml.BinaryClassification.Trainers.FastTree(settings.Label, numberOfTrees: 2))),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("cannot be saved"));
    }

    private static EstimatorChain<ITransformer> Typed(MLContext ml, PipelineSettings settings)
    {
        settings.Read("visits", DataKind.Int64).Read("member", DataKind.Boolean).Read("tenure", DataKind.Double);
        return new EstimatorChain<ITransformer>()
            .Append<ITransformer>(ml.Transforms.Conversion.ConvertType("a", "visits"))
            .Append<ITransformer>(ml.Transforms.Conversion.ConvertType("b", "member"))
            .Append<ITransformer>(ml.Transforms.Conversion.ConvertType("c", "tenure"))
            .Append<ITransformer>(ml.Transforms.Concatenate("Features", "a", "b", "c"))
            .Append<ITransformer>(ml.BinaryClassification.Trainers.FastTree(settings.Label, numberOfTrees: 2));
    }

    private static async Task<IRowModel> Train(
        Func<MLContext, PipelineSettings, IEstimator<ITransformer>> pipeline, RowTrainingContext? context = null) =>
        await MicrosoftML.Pipeline("pipeline", "1", pipeline).TrainAsync(context ?? PipelineRows.Context(s_rows));

    private static double[] ByHand(Func<MLContext, IDataView, IDataView> scored)
    {
        var ml = new MLContext(seed: 5);
        var view = ml.Data.LoadFromEnumerable(Enumerable.Range(0, s_rows.RowCount).Select(row => new Customer
        {
            Tenure = (float)s_rows["tenure"].GetNumber(row),
            Visits = (float)s_rows["visits"].GetNumber(row),
            Member = (float)s_rows["member"].GetNumber(row),
            Contract = s_rows["contract"].GetText(row) ?? "",
            Churn = s_rows["churn"].GetText(row) == "yes",
        }).ToArray());
        return [.. scored(ml, view).GetColumn<float>("Probability").Select(value => (double)value)];
    }

    private static double Auc(double[] scores) => Metric.RocAuc.Compute(Binary(scores, PipelineRows.Context(s_unseen).Labels)).Value;

    private static Evaluation Binary(double[] scores, ReadOnlyMemory<double> labels) => new()
    {
        Task = TaskKind.BinaryClassification,
        Labels = labels,
        Scores = scores,
    };

    private sealed class Customer
    {
        [ColumnName("tenure")]
        public float Tenure { get; set; }

        [ColumnName("visits")]
        public float Visits { get; set; }

        [ColumnName("member")]
        public float Member { get; set; }

        [ColumnName("contract")]
        public string Contract { get; set; } = "";

        [ColumnName("churn")]
        public bool Churn { get; set; }
    }
}
