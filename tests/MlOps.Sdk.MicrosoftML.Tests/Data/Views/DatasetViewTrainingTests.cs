using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>ML.NET learns from a view what it learns from the same rows loaded its own way.</summary>
[TestFixture]
public sealed class DatasetViewTrainingTests
{
    private const int RowCount = 5000;

    [Test]
    public void Fit_OfFastTree_LearnsTheSameAsFromLoadedRows() => AssertSame(FastTree);

    [Test]
    public void Fit_OfSdca_LearnsTheSameAsFromLoadedRows() =>
        AssertSame(ml => ml.BinaryClassification.Trainers.SdcaLogisticRegression(
            new SdcaLogisticRegressionBinaryTrainer.Options { NumberOfThreads = 1, MaximumNumberOfIterations = 5, Shuffle = false }));

    [Test]
    public void CrossValidate_OfFastTree_GivesTheSameMetricsAsOfLoadedRows()
    {
        var rows = Rows();

        Assert.That(Areas(Table(rows).AsDataView()), Is.EqualTo(Areas(new MLContext(1).Data.LoadFromEnumerable(rows))));

        static double[] Areas(IDataView view)
        {
            var ml = new MLContext(1);
            return [.. ml.BinaryClassification.CrossValidate(view, Features(ml).Append(FastTree(ml)), numberOfFolds: 3)
                .Select(fold => fold.Metrics.AreaUnderRocCurve)];
        }
    }

    [Test]
    public void Transform_OfAView_GivesTheRowsInOrder()
    {
        // ML.NET lets several threads compute, each on a cursor of the set, and brings the rows together again by their batches.
        var ml = new MLContext(1);
        var view = Table(Rows()).AsDataView();
        var transformed = ml.Transforms.Text.FeaturizeText("words", "contract").Fit(view).Transform(view);
        using var cursor = transformed.GetRowCursor([transformed.Schema["charge"], transformed.Schema["words"]]);

        Assert.That(Reading.Values<double>(cursor, "charge"), Is.EqualTo(Reading.Values<double>(view, "charge")));
    }

    [Test]
    public void ShuffleRows_OfAView_GivesEveryRowOnce()
    {
        var ml = new MLContext(1);
        var view = Table(Rows()).AsDataView();
        var inOrder = Reading.Values<double>(view, "charge");

        var shuffled = Reading.Values<double>(ml.Data.ShuffleRows(view, seed: 1), "charge");

        Assert.That(shuffled, Is.EquivalentTo(inOrder).And.Not.EqualTo(inOrder));
    }

    private static void AssertSame<T>(Func<MLContext, IEstimator<T>> trainer)
        where T : class, ITransformer
    {
        var rows = Rows();
        var ours = Probabilities(Table(rows).AsDataView());

        Assert.That(ours, Is.EqualTo(Probabilities(new MLContext(1).Data.LoadFromEnumerable(rows))));
        Assert.That(ours.Distinct().Count(), Is.GreaterThan(10));

        float[] Probabilities(IDataView view)
        {
            var ml = new MLContext(1);
            return Reading.Values<float>(Features(ml).Append(trainer(ml)).Fit(view).Transform(view), "Probability");
        }
    }

    private static FastTreeBinaryTrainer FastTree(MLContext ml) => ml.BinaryClassification.Trainers.FastTree(
        new FastTreeBinaryTrainer.Options { NumberOfTrees = 10, NumberOfThreads = 1 });

    private static IEstimator<ITransformer> Features(MLContext ml) => ml.Transforms.Conversion
        .ConvertType([new InputOutputColumnPair("charge1", "charge"), new InputOutputColumnPair("tenure1", "tenure")], DataKind.Single)
        .Append(ml.Transforms.Categorical.OneHotEncoding("contract1", "contract"))
        .Append(ml.Transforms.Concatenate("Features", "charge1", "tenure1", "contract1"));

    private static TrainingRow[] Rows()
    {
        var random = new Random(11);
        string[] contracts = ["Month-to-month", "One year", "Two year"];
        return [.. Enumerable.Range(0, RowCount).Select(_ =>
        {
            var (charge, tenure, contract) = (random.NextDouble() * 100, random.Next(72), random.Next(3));
            return new TrainingRow
            {
                Charge = charge,
                Tenure = tenure,
                Contract = contracts[contract],
                Churn = random.NextDouble() < 1 / (1 + Math.Exp(tenure / 20.0 + contract - charge / 40)),
            };
        })];
    }

    private static Dataset Table(TrainingRow[] rows) => Tables.Of(
        new Schema(
            new Field("charge", ColumnType.Number),
            new Field("tenure", ColumnType.Integer),
            new Field("contract", ColumnType.Text),
            new Field("Label", ColumnType.Boolean)),
        rows.Length,
        (row, to) =>
        {
            ((NumberColumnBuilder)to[0]).Append(rows[row].Charge);
            ((IntegerColumnBuilder)to[1]).Append(rows[row].Tenure);
            ((TextColumnBuilder)to[2]).Append(rows[row].Contract);
            ((BooleanColumnBuilder)to[3]).Append(rows[row].Churn);
        });
}
