using Microsoft.ML;
using Microsoft.ML.Transforms.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Words of ML.NET and the built-in linear trainer predict as well as scikit-learn on the same rows.</summary>
[TestFixture]
public sealed class TextReferenceTests
{
    [Test]
    public async Task TrainAsync_WordsAndPairsOfReviews_AsGoodAsScikitLearn()
    {
        var reference = TextReference.Read();
        var rows = await DataSources.Csv(Path.Combine(AppContext.BaseDirectory, "Conformance", "fine-foods-reviews.csv")).ReadAllAsync();
        var parts = Enumerable.Range(0, rows.RowCount).ToLookup(row => rows["part"].GetText(row)!);
        var (train, test) = (rows.Take([.. parts["train"]]), rows.Take([.. parts["test"]]));
        var words = await new EstimatorTransform(
            "words",
            ["review"],
            ml => ml.Transforms.Text.FeaturizeText(
                "Features",
                new TextFeaturizingEstimator.Options
                {
                    WordFeatureExtractor = new WordBagEstimator.Options
                    {
                        NgramLength = 2, UseAllLengths = true, Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf,
                    },
                    CharFeatureExtractor = null,
                    KeepPunctuations = false,
                    Norm = TextFeaturizingEstimator.NormFunction.L2,
                },
                "review"),
            null).FitAsync(new SampleFitContext(train, "score"));

        using var model = await Trainers.LogisticRegression().TrainAsync(TrainingRows.Context(
            TaskKind.BinaryClassification, FeaturesOf(words, train), LabelsOf(train), threads: 2));
        var scores = TrainingRows.Predict(model, FeaturesOf(words, test));
        var auc = Metric.RocAuc.Compute(new Evaluation
        {
            Task = TaskKind.BinaryClassification, Labels = LabelsOf(test), Scores = scores,
        });

        TestContext.Out.WriteLine($"{words.Outputs.Count} features, ROC AUC {auc.Value:0.0000}, scikit-learn {reference.RocAuc:0.0000}");
        Assert.That((train.RowCount, test.RowCount), Is.EqualTo((reference.TrainRows, reference.TestRows)));
        Assert.That(words.Outputs, Has.Count.EqualTo(reference.FeatureCount).Within(10).Percent);
        Assert.That(auc.Value, Is.GreaterThanOrEqualTo(reference.RocAuc - 0.01));
    }

    private static double[] LabelsOf(Dataset rows) =>
        [.. Enumerable.Range(0, rows.RowCount).Select(row => rows["score"].GetText(row) == "great" ? 1.0 : 0)];

    private static FeatureMatrix FeaturesOf(IFittedTransform words, Dataset rows)
    {
        var sparse = new SparseFeaturesBuilder();
        using var scratch = new PredictScratch();
        words.Apply(new RowBlock([rows["review"]], 0, rows.RowCount), new FeatureWriter(sparse), scratch);
        return new FeatureMatrix(words.Outputs, rows.RowCount, [], sparse.Build(rows.RowCount));
    }
}
