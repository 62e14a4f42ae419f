using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;
using static MlOps.Sdk.MLNet.TranslationExactness;
using static MlOps.Sdk.Problem.TaskKind;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class ModelTranslationTests
{
    private const string Positive = "IsPositive";
    private const string Number = "Number";
    private const string Class = "Class";

    private static readonly FastTreeBinaryTrainer.Options Categories = new()
    {
        LabelColumnName = Positive,
        NumberOfTrees = 40,
        CategoricalSplit = true,
        MaximumCategoricalSplitPointCount = 8,
        MinimumExampleCountPerLeaf = 5,
        NumberOfThreads = 1,
    };

    private static readonly TranslationCase[] Cases =
    [
        Binary("FastTree", "churn", ml => ml.FastTree(Positive, numberOfTrees: 60)),
        Binary("FastTree with categories", "lending", ml => ml.FastTree(Categories)),
        Binary("FastTree, many leaves", "churn", ml => ml.FastTree(Positive, numberOfTrees: 20, numberOfLeaves: 90)),
        Binary("FastTree", "reviews", ml => ml.FastTree(Positive, numberOfTrees: 40)),
        Calibrated("FastForest, Platt", "churn", ml => ml.FastForest(Positive), (ml, score) => ml.Platt(Positive, score)),
        Calibrated("FastForest, isotonic", "lending", ml => ml.FastForest(Positive), (ml, score) => ml.Isotonic(Positive, score)),
        Calibrated("FastForest, binned", "churn", ml => ml.FastForest(Positive), (ml, score) => ml.Naive(Positive, score)),
        Binary("GAM", "churn", ml => ml.Gam(Positive, numberOfIterations: 200)),
        Binary("GAM", "lending", ml => ml.Gam(Positive, numberOfIterations: 100)),
        Binary("SDCA", "churn, scaled", ml => ml.SdcaLogisticRegression(new SdcaLogisticRegressionBinaryTrainer.Options
        {
            LabelColumnName = Positive,
            NumberOfThreads = 1,
            MaximumNumberOfIterations = 20,
        })) with { Exactness = Rounding },
        Binary("L-BFGS", "churn, scaled", ml => ml.LbfgsLogisticRegression(Positive)) with { Exactness = Rounding },
        Binary("L-BFGS, sparse weights", "reviews", ml => ml.LbfgsLogisticRegression(Positive, l1Regularization: 3))
            with { Exactness = Rounding },
        Binary("SGD", "reviews", ml => ml.SgdCalibrated(Positive)) with { Exactness = Rounding },
        Calibrated("perceptron, Platt", "churn, scaled", ml => ml.AveragedPerceptron(Positive), (ml, score) => ml.Platt(Positive, score))
            with { Exactness = Rounding },
        // Where a step is steep, the last bit of the score is much of the probability.
        Calibrated("SVM, isotonic", "reviews", ml => ml.LinearSvm(Positive), (ml, score) => ml.Isotonic(Positive, score))
            with { Exactness = Rounding, Tolerance = 0.1 },
        Calibrated(
            "SDCA without calibration, Platt",
            "reviews",
            ml => ml.SdcaNonCalibrated(new SdcaNonCalibratedBinaryTrainer.Options
            {
                LabelColumnName = Positive,
                NumberOfThreads = 1,
                MaximumNumberOfIterations = 10,
            }),
            (ml, score) => ml.Platt(Positive, score)) with { Exactness = Rounding },
        Numeric("FastTree", "ridership", ml => ml.FastTree(Number, numberOfTrees: 60)),
        Numeric("FastTree, Tweedie", "ridership", ml => ml.FastTreeTweedie(Number, numberOfTrees: 40)),
        Numeric("FastForest", "ridership", ml => ml.FastForest(Number, numberOfTrees: 37)),
        Numeric("GAM", "ridership", ml => ml.Gam(Number, numberOfIterations: 100)),
        Numeric("SDCA", "ridership, scaled", ml => ml.Sdca(new SdcaRegressionTrainer.Options
        {
            LabelColumnName = Number,
            NumberOfThreads = 1,
        })) with { Exactness = Rounding },
        Numeric("gradient descent", "reviews", ml => ml.OnlineGradientDescent(Number)) with { Exactness = Rounding },
        Numeric("L-BFGS, Poisson", "ridership, scaled", ml => ml.LbfgsPoissonRegression(Number)) with { Exactness = Rounding },
        Classes("SDCA, maximum entropy", "churn, scaled", ml => ml.SdcaMaximumEntropy(new SdcaMaximumEntropyMulticlassTrainer.Options
        {
            LabelColumnName = Class,
            NumberOfThreads = 1,
            MaximumNumberOfIterations = 20,
        })),
        Classes("L-BFGS, maximum entropy", "reviews", ml => ml.LbfgsMaximumEntropy(Class)),
        Classes("L-BFGS, maximum entropy, sparse weights", "reviews", ml => ml.LbfgsMaximumEntropy(Class, l1Regularization: 2)),
        Versus("FastTree", "churn", ml => ml.FastTree(Class, numberOfTrees: 25)),
        Versus("FastForest", "ridership", ml => ml.FastForest(Class, numberOfTrees: 25)),
        Versus("GAM", "churn", ml => ml.Gam(Class, numberOfIterations: 30)),
        Versus("averaged perceptron", "churn, scaled", ml => ml.AveragedPerceptron(Class)) with { Exactness = Rounding },
    ];

    [TestCaseSource(nameof(Cases))]
    public void Translate_TrainedModel_EqualsTheLibrary(object asked) => TranslationChecks.EqualsTheLibrary((TranslationCase)asked);

    [TestCaseSource(nameof(Served))]
    public void Translate_TrainedModel_ServesFromManyThreadsWithoutAllocation(object asked) =>
        TranslationChecks.ServesFromManyThreads((TranslationCase)asked);

    [Test]
    public void Translate_CategoricalSplits_AreSplitsOverSeveralFeatures()
    {
        var (_, translation) = Cases.Single(asked => asked.Name == "FastTree with categories").Translate();

        Assert.That(translation.Parts, Does.Match("^40 trees with [1-9][0-9]+ categorical splits$"));
    }

    [Test]
    public void Translate_OtherOrderOfClasses_MovesTheirProbabilities()
    {
        foreach (var asked in Cases.Where(asked => asked.Task == MulticlassClassification))
        {
            var (trained, straight) = asked.Translate();
            int[] order = [2, 0, 1];
            var table = TranslationTable.Get(asked.Table);
            var moved = ModelTranslation.Translate(new TranslationRequest
            {
                Predictor = trained,
                Signature = table.Signature(asked.Task),
                Rows = table.Rows,
                Classes = order,
            });

            Assert.That(moved.WhyNot, Is.Null, asked.Name);
            Assert.That(moved.Exactness, Is.EqualTo(asked.Exactness == BitEqual ? LastBit : Rounding));
            for (var i = 0; i < 100; i++)
            {
                var (one, other) = (Predict(straight.Model!, table.Rows[i]), Predict(moved.Model!, table.Rows[i]));
                Assert.That(other, Is.EqualTo(order.Select(k => one[k])).Within(1e-7));
            }
        }
    }

    [Test]
    public void Translate_RawScoresWithOwnCalibration_UsesIt()
    {
        var table = TranslationTable.Get("churn");
        var trained = table.Context.BinaryClassification.Trainers.FastForest(Positive).Fit(table.View);
        var request = new TranslationRequest { Predictor = trained, Signature = table.Signature(BinaryClassification), Rows = table.Rows };

        var without = ModelTranslation.Translate(request);
        var with = ModelTranslation.Translate(request with { Calibration = Calibration.Platt(-2, 0.5) });
        var raw = ModelTranslation.Translate(request with { Signature = table.Signature(Regression) });

        Assert.That(without.Model, Is.Null);
        Assert.That(without.WhyNot, Does.Contain("no calibration was given"));
        Assert.That(with.WhyNot, Is.Null);
        Assert.That(with.Exactness, Is.EqualTo(BitEqual));
        Assert.That(raw.WhyNot, Is.Null);
        for (var i = 0; i < 100; i++)
        {
            var score = Predict(raw.Model!, table.Rows[i])[0];
            Assert.That(Predict(with.Model!, table.Rows[i])[0], Is.EqualTo((double)(float)(1 / (1 + Math.Exp(-2 * score + 0.5)))));
        }
    }

    [Test]
    public void Translate_RawScoresOfClasses_NeedsALink()
    {
        var table = TranslationTable.Get("reviews");
        var ml = table.Context.MulticlassClassification.Trainers;
        foreach (var estimator in new IEstimator<ITransformer>[]
        {
            ml.SdcaNonCalibrated(new SdcaNonCalibratedMulticlassTrainer.Options
            {
                LabelColumnName = Class,
                NumberOfThreads = 1,
                MaximumNumberOfIterations = 5,
            }),
            ml.OneVersusAll(table.Context.BinaryClassification.Trainers.LinearSvm(Class), Class, useProbabilities: false),
        })
        {
            var request = new TranslationRequest
            {
                Predictor = estimator.Fit(table.View),
                Signature = table.Signature(MulticlassClassification),
                Rows = table.Rows,
            };

            Assert.That(ModelTranslation.Translate(request).WhyNot, Does.Contain("no link was given"));
            var translation = ModelTranslation.Translate(request with { Link = ScoreLink.Softmax });
            Assert.That(translation.WhyNot, Is.Null);
            Assert.That(Predict(translation.Model!, table.Rows[0]).Sum(), Is.EqualTo(1).Within(1e-6));
        }
    }

    [Test]
    public void Translate_ModelWithoutCounterpart_SaysWhich()
    {
        var table = TranslationTable.Get("churn, scaled");
        var (binary, classes) = (table.Context.BinaryClassification.Trainers, table.Context.MulticlassClassification.Trainers);

        Assert.That(WhyNot(binary.FieldAwareFactorizationMachine("Features", Positive), BinaryClassification), Does.Contain("FieldAware"));
        Assert.That(WhyNot(binary.LdSvm(Positive), BinaryClassification), Does.Contain("LdSvmModelParameters"));
        Assert.That(WhyNot(classes.NaiveBayes(Class), MulticlassClassification), Does.Contain("NaiveBayes"));
        Assert.That(
            WhyNot(classes.PairwiseCoupling(binary.FastTree(Class, numberOfTrees: 3), Class), MulticlassClassification),
            Does.Contain("PairwiseCoupling"));
        Assert.That(
            WhyNot(table.Context.Transforms.NormalizeMinMax("Features"), BinaryClassification),
            Does.Contain("neither a model of one"));
        Assert.That(
            WhyNot(table.Context.Regression.Trainers.LbfgsPoissonRegression(Number), BinaryClassification),
            Does.Contain("predicts a number"));

        string? WhyNot(IEstimator<ITransformer> estimator, TaskKind task) => ModelTranslation
            .Translate(new TranslationRequest { Predictor = estimator.Fit(table.View), Signature = table.Signature(task) })
            .WhyNot;
    }

    [Test]
    public void Translate_OtherWidthOrClasses_IsRefused()
    {
        var table = TranslationTable.Get("churn, scaled");
        var binary = table.Context.BinaryClassification.Trainers.FastTree(Positive, numberOfTrees: 3).Fit(table.View);
        var classes = table.Context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(Class).Fit(table.View);

        Assert.That(
            ModelTranslation.Translate(new() { Predictor = binary, Signature = new(BinaryClassification, 7, 1) }).WhyNot,
            Does.Contain("but gets 7"));
        Assert.That(
            ModelTranslation.Translate(new() { Predictor = classes, Signature = new(MulticlassClassification, table.Width, 4) }).WhyNot,
            Does.Contain("has 3 classes, but the problem has 4"));
        Assert.That(
            () => ModelTranslation.Translate(
                new() { Predictor = classes, Signature = table.Signature(MulticlassClassification), Classes = [0, 1, 1] }),
            Throws.ArgumentException.With.Message.Contains("[0, 1, 1]"));
        Assert.That(
            () => ModelTranslation.Translate(new() { Predictor = binary, Signature = table.Signature(BinaryClassification), Rows = [[1]] }),
            Throws.ArgumentException.With.Message.Contains("1 features"));
    }

    [Test]
    public void Translate_LibraryPredictsOtherwise_IsRefusedNamingTheRow()
    {
        foreach (var asked in Served)
        {
            var table = TranslationTable.Get(asked.Table);
            var trained = asked.Fit(table);
            // The same kind of model of half of the rows.
            var half = asked.Fit(table.Half());

            var translation = ModelTranslation.Translate(new TranslationRequest
            {
                Predictor = new SwappedTransformer(trained, half),
                Signature = table.Signature(asked.Task),
                Rows = table.Rows,
            });

            Assert.That(translation.Model, Is.Null, asked.Name);
            Assert.That(translation.WhyNot, Does.StartWith("On row "), asked.Name);
        }
    }

    /// <summary>One of every kind that is computed in a way of its own.</summary>
    private static IEnumerable<TranslationCase> Served => Cases.Where(asked => asked.Name
        is "FastTree"
        or "FastTree with categories"
        or "FastTree, many leaves"
        or "FastForest"
        or "FastForest, isotonic"
        or "GAM"
        or "L-BFGS"
        or "L-BFGS, Poisson"
        or "L-BFGS, maximum entropy"
        or "one versus all of FastTree");

    private static double[] Predict(IModel model, float[] row)
    {
        var output = new double[model.Signature.Outputs];
        model.Predict(new FeatureBlock(row, row.Length), output, new PredictScratch());
        return output;
    }

    private static TranslationCase Binary(
        string name, string table, Func<BinaryClassificationCatalog.BinaryClassificationTrainers, IEstimator<ITransformer>> trainer) =>
        new(name, table, BinaryClassification, BitEqual, table => trainer(table.Context.BinaryClassification.Trainers).Fit(table.View));

    private static TranslationCase Calibrated(
        string name,
        string table,
        Func<BinaryClassificationCatalog.BinaryClassificationTrainers, IEstimator<ITransformer>> trainer,
        Func<BinaryClassificationCatalog.CalibratorsCatalog, string, IEstimator<ITransformer>> calibrator) =>
        new(name, table, BinaryClassification, BitEqual, table =>
        {
            var ml = table.Context.BinaryClassification;
            return trainer(ml.Trainers).Append(calibrator(ml.Calibrators, "Score")).Fit(table.View);
        });

    private static TranslationCase Numeric(
        string name, string table, Func<RegressionCatalog.RegressionTrainers, IEstimator<ITransformer>> trainer) =>
        new(name, table, Regression, BitEqual, table => trainer(table.Context.Regression.Trainers).Fit(table.View));

    private static TranslationCase Classes(
        string name,
        string table,
        Func<MulticlassClassificationCatalog.MulticlassClassificationTrainers, IEstimator<ITransformer>> trainer) =>
        new(name, table, MulticlassClassification, Rounding, table =>
            trainer(table.Context.MulticlassClassification.Trainers).Fit(table.View));

    /// <remarks>The trainer must read the column of the classes: otherwise it learns the same for each of them.</remarks>
    private static TranslationCase Versus<TModel>(
        string name,
        string table,
        Func<
            BinaryClassificationCatalog.BinaryClassificationTrainers,
            ITrainerEstimator<BinaryPredictionTransformer<TModel>, TModel>> trainer)
        where TModel : class => new(
        $"one versus all of {name}",
        table,
        MulticlassClassification,
        BitEqual,
        table => table.Context.MulticlassClassification.Trainers
            .OneVersusAll(trainer(table.Context.BinaryClassification.Trainers), Class)
            .Fit(table.View));
}
