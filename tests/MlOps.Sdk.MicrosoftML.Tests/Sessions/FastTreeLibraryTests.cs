using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Watches what the adapter relies on and the library does not promise.</summary>
[TestFixture]
[NonParallelizable]
public sealed class FastTreeLibraryTests
{
    [TestCase(typeof(GamBinaryTrainer))]
    [TestCase(typeof(GamRegressionTrainer))]
    public void RowsOf_GamTrainer_Exist(Type trainer) => Assert.That(GamCancellation.RowsOf(trainer), Is.Not.Null);

    // Why missing features are refused: were they understood, the row would change the model.
    [Test]
    public void Fit_RowWithAMissingFeature_IsLeftOutByTheLibrary()
    {
        var values = new float[400 * TrainingRows.Width];
        TrainingRows.Features().CopyRows(0, 400, values);
        var features = TrainingRows.Matrix(values);
        var labels = TrainingRows.Labels(TaskKind.Regression, features);
        var without = features.Take([.. Enumerable.Range(1, 399)]);
        var holed = (float[])values.Clone();
        holed[0] = float.NaN;

        Assert.That(
            ScoresOf(TrainingRows.Matrix(holed), labels, without),
            Is.EqualTo(ScoresOf(without, labels[1..], without)));
    }

    // Why a GAM takes no weights: with them, it learns nothing.
    [Test]
    public void Fit_GamWithWeights_GivesOneScoreToAllRows()
    {
        var features = TrainingRows.Features();
        var labels = TrainingRows.Labels(TaskKind.BinaryClassification, features);
        var view = new TrainingView(
            features, labels, Enumerable.Range(0, 400).Select(row => 1.0 + row % 3).ToArray(), TaskKind.BinaryClassification, 2, default);
        var fitted = new MLContext(1).BinaryClassification.Trainers
            .Gam(new GamBinaryTrainer.Options { NumberOfIterations = 50, LearningRate = 0.1, ExampleWeightColumnName = "Weight" })
            .Fit(view);

        Assert.That(Scores.Read(fitted, view).Select(scores => scores[0]).Distinct().Count(), Is.EqualTo(1));
    }

    private static double[][] ScoresOf(Features.FeatureMatrix features, double[] labels, Features.FeatureMatrix judged)
    {
        var rows = new TrainingView(features, labels, default, TaskKind.Regression, 1, default);
        var fitted = new MLContext(1).Regression.Trainers
            .FastTree(new FastTreeRegressionTrainer.Options { NumberOfTrees = 5 })
            .Fit(rows);
        return Scores.Read(fitted, new TrainingView(judged, new double[judged.RowCount], default, TaskKind.Regression, 1, default));
    }
}
