using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;
using MlOps.Sdk.Problem;
using NUnit.Framework;
using static MlOps.Sdk.MLNet.TranslationExactness;
using static MlOps.Sdk.Problem.TaskKind;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class LightGbmTranslationTests
{
    private static readonly TranslationCase[] Cases =
    [
        Binary("LightGBM", "churn", new()),
        Binary("LightGBM with categories", "lending", new() { UseCategoricalSplit = true, MinimumExampleCountPerGroup = 5 }),
        Binary("LightGBM with categories, many leaves", "churn", new()
        {
            UseCategoricalSplit = true,
            MinimumExampleCountPerGroup = 10,
            NumberOfLeaves = 100,
            MinimumExampleCountPerLeaf = 2,
        }),
        Binary("LightGBM, missing as zero", "churn", new() { UseZeroAsMissingValue = true }),
        Binary("LightGBM, missing not handled", "churn", new() { HandleMissingValue = false }),
        Binary("LightGBM, dart, steep", "lending", new() { Booster = new DartBooster.Options(), Sigmoid = 2, UnbalancedSets = true }),
        Binary("LightGBM", "reviews", new()),
        new("LightGBM", "ridership", Regression, BitEqual, table => table.Context.Regression.Trainers
            .LightGbm(new LightGbmRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                NumberOfIterations = 60,
                NumberOfThreads = 1,
                Deterministic = true,
            })
            .Fit(table.View)),
        Classes("LightGBM, softmax", "churn", softmax: true),
        Classes("LightGBM, softmax of seven", "lending", softmax: true),
        Classes("LightGBM, one versus all", "churn", softmax: false),
    ];

    [TestCaseSource(nameof(Cases))]
    public void Translate_TrainedModel_EqualsTheLibrary(object asked) => TranslationChecks.EqualsTheLibrary((TranslationCase)asked);

    [TestCaseSource(nameof(Cases))]
    public void Translate_TrainedModel_ServesFromManyThreadsWithoutAllocation(object asked) =>
        TranslationChecks.ServesFromManyThreads((TranslationCase)asked);

    [Test]
    public void Translate_CategoricalSplits_AreSplitsOverSeveralFeatures()
    {
        foreach (var asked in Cases.Where(asked => asked.Name.Contains("with categories", StringComparison.Ordinal)))
        {
            var (_, translation) = asked.Translate();

            Assert.That(translation.Parts, Does.Match("^60 trees with [1-9][0-9]+ categorical splits$"));
        }
    }

    [Test]
    public void Translate_OtherOrderOfClasses_MovesTheirProbabilities()
    {
        var asked = Cases.Single(asked => asked.Name == "LightGBM, softmax of seven");
        var table = TranslationTable.Get(asked.Table);
        int[] order = [3, 0, 6, 2, 1, 5, 4];
        var (trained, straight) = asked.Translate();

        var moved = ModelTranslation.Translate(new TranslationRequest
        {
            Predictor = trained,
            Signature = table.Signature(asked.Task),
            Rows = table.Rows,
            Classes = order,
        });

        Assert.That(moved.WhyNot, Is.Null);
        Assert.That(moved.Exactness, Is.EqualTo(LastBit));
        var (one, other) = (new double[7], new double[7]);
        foreach (var row in table.Rows.Take(200))
        {
            straight.Model!.Predict(new Features.FeatureBlock(row, row.Length), one, new Features.PredictScratch());
            moved.Model!.Predict(new Features.FeatureBlock(row, row.Length), other, new Features.PredictScratch());

            Assert.That(other, Is.EqualTo(order.Select(k => one[k])).Within(1.0 / (1 << 24)));
        }
    }

    private static TranslationCase Binary(string name, string table, LightGbmBinaryTrainer.Options options) =>
        new(name, table, BinaryClassification, BitEqual, table =>
        {
            options.LabelColumnName = "IsPositive";
            options.NumberOfIterations = 60;
            options.NumberOfThreads = 1;
            options.Deterministic = true;
            return table.Context.BinaryClassification.Trainers.LightGbm(options).Fit(table.View);
        });

    private static TranslationCase Classes(string name, string table, bool softmax) =>
        new(name, table, MulticlassClassification, BitEqual, table => table.Context.MulticlassClassification.Trainers
            .LightGbm(new LightGbmMulticlassTrainer.Options
            {
                LabelColumnName = "Class",
                UseSoftmax = softmax,
                NumberOfIterations = 25,
                NumberOfThreads = 1,
                Deterministic = true,
            })
            .Fit(table.View));
}
