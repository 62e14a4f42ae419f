using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>What a model of ML.NET has scored is judged as ML.NET itself judges it.</summary>
[TestFixture]
public sealed class EvaluationFromDataViewTests
{
    private static readonly string[] Kinds = ["low", "middle", "high"];

    [Test]
    public void FromDataView_OfABinaryClassifier_GivesTheMetricsOfMLNet()
    {
        var ml = new MLContext(1);
        var scored = Scored(ml, ml.BinaryClassification.Trainers.FastTree(
            new FastTreeBinaryTrainer.Options { LabelColumnName = "over", NumberOfTrees = 5, NumberOfThreads = 1 }));
        var theirs = ml.BinaryClassification.Evaluate(scored, "over");

        var evaluation = Evaluation.FromDataView(scored, label: "over", score: "Probability");

        Assert.That(evaluation.Task, Is.EqualTo(TaskKind.BinaryClassification));
        Assert.That(Metric.RocAuc.Compute(evaluation).Value, Is.EqualTo(theirs.AreaUnderRocCurve).Within(1e-9));
        Assert.That(Metric.Accuracy.Compute(evaluation).Value, Is.EqualTo(theirs.Accuracy).Within(1e-9));
        Assert.That(Metric.F1.Compute(evaluation).Value, Is.EqualTo(theirs.F1Score).Within(1e-9));
        Assert.That(Metric.LogLoss.Compute(evaluation).Value, Is.EqualTo(theirs.LogLoss * Math.Log(2)).Within(1e-6));
        Assert.That(Evaluation.FromDataView(scored, label: "over").Scores.ToArray(), Is.EqualTo(evaluation.Scores.ToArray()));
    }

    [Test]
    public void FromDataView_OfARegression_GivesTheMetricsOfMLNet()
    {
        var ml = new MLContext(1);
        var scored = Scored(ml, ml.Regression.Trainers.FastTree(
            new FastTreeRegressionTrainer.Options { LabelColumnName = "sum", NumberOfTrees = 5, NumberOfThreads = 1 }));
        var theirs = ml.Regression.Evaluate(scored, "sum");

        var evaluation = Evaluation.FromDataView(scored, label: "sum");

        Assert.That((evaluation.Task, evaluation.ClassCount), Is.EqualTo((TaskKind.Regression, 1)));
        Assert.That(Metric.Rmse.Compute(evaluation).Value, Is.EqualTo(theirs.RootMeanSquaredError).Within(1e-9));
        Assert.That(Metric.Mae.Compute(evaluation).Value, Is.EqualTo(theirs.MeanAbsoluteError).Within(1e-9));
        Assert.That(Metric.R2.Compute(evaluation).Value, Is.EqualTo(theirs.RSquared).Within(1e-8));
    }

    [Test]
    public void FromDataView_OfSeveralClasses_GivesTheMetricsOfMLNet()
    {
        var ml = new MLContext(1);
        var scored = ScoredKinds(ml, Rows(600), Rows(600));
        var theirs = ml.MulticlassClassification.Evaluate(scored, "key");

        var evaluation = Evaluation.FromDataView(scored, label: "key");

        Assert.That((evaluation.Task, evaluation.ClassCount), Is.EqualTo((TaskKind.MulticlassClassification, 3)));
        Assert.That(Metric.Accuracy.Compute(evaluation).Value, Is.EqualTo(theirs.MicroAccuracy).Within(1e-9));
        Assert.That(Metric.BalancedAccuracy.Compute(evaluation).Value, Is.EqualTo(theirs.MacroAccuracy).Within(1e-9));
        Assert.That(Metric.LogLoss.Compute(evaluation).Value, Is.EqualTo(theirs.LogLoss).Within(1e-6));
    }

    [Test]
    public void FromDataView_OfClassesInAnotherOrder_MatchesThemByName()
    {
        // The classes of the model are in the order of its training rows, those of the new key in the order of the rows to be judged.
        var ml = new MLContext(1);
        var rows = Rows(600);
        var scored = ScoredKinds(ml, rows, rows);
        var other = Reversed(rows);
        var rekeyed = ml.Transforms.Conversion.MapValueToKey("other", "kind").Fit(other).Transform(scored);

        var evaluation = Evaluation.FromDataView(rekeyed, label: "other");

        Assert.That(Reading.Values<uint>(rekeyed, "other"), Is.Not.EqualTo(Reading.Values<uint>(rekeyed, "key")));
        Assert.That(evaluation.Labels.ToArray(), Is.EqualTo(Evaluation.FromDataView(rekeyed, label: "key").Labels.ToArray()));
        Assert.That(Evaluation.FromDataView(rekeyed, label: "kind").Labels.ToArray(), Is.EqualTo(evaluation.Labels.ToArray()));
    }

    [Test]
    public void FromDataView_OfAClassThatTheModelDoesNotKnow_NamesTheRow()
    {
        var ml = new MLContext(1);
        var known = ml.Data.FilterByCustomPredicate<KindRow>(Rows(300), row => row.Kind == "high");
        var scored = ScoredKinds(ml, known, Rows(300));

        Assert.That(
            () => Evaluation.FromDataView(scored, label: "kind"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'high'").And.Message.Contains("not one of the model's classes"));
        Assert.That(
            () => Evaluation.FromDataView(scored, label: "key"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("is missing"));
    }

    [Test]
    public void FromDataView_OfAMargin_IsRefusedUnlessAThresholdIsGiven()
    {
        var ml = new MLContext(1);
        var scored = Scored(ml, ml.BinaryClassification.Trainers.AveragedPerceptron("over"));
        var theirs = ml.BinaryClassification.EvaluateNonCalibrated(scored, "over");

        Assert.That(
            () => Evaluation.FromDataView(scored, label: "over"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("not a probability").And.Message.Contains("Platt"));
        var evaluation = Evaluation.FromDataView(scored, label: "over", threshold: 0);
        Assert.That(Metric.RocAuc.Compute(evaluation).Value, Is.EqualTo(theirs.AreaUnderRocCurve).Within(1e-9));
        Assert.That(Metric.Accuracy.Compute(evaluation).Value, Is.EqualTo(theirs.Accuracy).Within(1e-9));
    }

    [TestCase("yes", new double[] { 1, 0, 1 })]
    [TestCase("no", new double[] { 0, 1, 0 })]
    public void FromDataView_WithAPositiveText_CountsIt(string positive, double[] labels)
    {
        var view = Judged(["yes", "no", "yes"], [0.9, 0.2, 0.4]);

        var evaluation = Evaluation.FromDataView(view, positive: positive);

        Assert.That(evaluation.Labels.ToArray(), Is.EqualTo(labels));
        Assert.That(evaluation.Scores.ToArray(), Is.EqualTo(new[] { 0.9, 0.2, 0.4 }));
    }

    [Test]
    public void FromDataView_OfLabelsThatDoNotFit_SaysWhatToDo()
    {
        Assert.Multiple(() =>
        {
            AssertRefused(Judged(["yes", "no"], [0.9, 0.2]), null, "Set the positive class");
            AssertRefused(Judged(["yes", "no"], [0.9, 0.2]), "ja", "'ja' does not occur");
            AssertRefused(Judged(["yes", "no", "maybe"], [0.9, 0.2, 0.4]), "yes", "has 3 values");
            AssertRefused(Judged(["yes", "no"], [0.9, double.NaN]), "yes", "score of row 2 is NaN");
            AssertRefused(Judged(["yes", "no"], [0.9, -0.1]), "yes", "not a probability");
        });

        static void AssertRefused(IDataView view, string? positive, string why) =>
            Assert.That(
                () => Evaluation.FromDataView(view, positive: positive),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains(why));
    }

    [Test]
    public void FromDataView_OfAMissingNumber_NamesTheRow()
    {
        var rows = Tables.Of(
            new Schema(new Field("Label", ColumnType.Number), new Field("Score", ColumnType.Number)),
            3,
            (row, to) =>
            {
                if (row == 1) to[0].AppendNull();
                else ((NumberColumnBuilder)to[0]).Append(row);
                ((NumberColumnBuilder)to[1]).Append(row);
            });

        Assert.That(
            () => Evaluation.FromDataView(rows.AsDataView()),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("label of row 2 is missing"));
    }

    [Test]
    public void FromDataView_OfNumbersWithAProbability_AsksForThePositiveOne()
    {
        var view = Tables.Of(
            new Schema(new Field("Label", ColumnType.Integer), new Field("Probability", ColumnType.Number)),
            4,
            (row, to) =>
            {
                ((IntegerColumnBuilder)to[0]).Append(row % 2);
                ((NumberColumnBuilder)to[1]).Append(row * 0.25);
            }).AsDataView();

        Assert.That(
            () => Evaluation.FromDataView(view),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("Set the positive class"));
        Assert.That(Evaluation.FromDataView(view, positive: "1").Labels.ToArray(), Is.EqualTo(new double[] { 0, 1, 0, 1 }));
    }

    [Test]
    public void FromDataView_WithGroups_KeepsThemBesideThePredictions()
    {
        var ml = new MLContext(1);
        var scored = Scored(ml, ml.BinaryClassification.Trainers.FastTree(
            new FastTreeBinaryTrainer.Options { LabelColumnName = "over", NumberOfTrees = 5, NumberOfThreads = 1 }));

        var evaluation = Evaluation.FromDataView(scored, label: "over", groups: ["kind"]);

        Assert.That(evaluation.Groups["kind"], Is.EqualTo(Reading.Texts(scored, "kind")));
        Assert.That(Fairness.DemographicParityDifference("kind").Compute(evaluation).Value, Is.InRange(0, 1));
    }

    [Test]
    public void FromDataView_WithWeights_CountsRowsByThem()
    {
        var schema = new Schema(
            new Field("Label", ColumnType.Boolean), new Field("Probability", ColumnType.Number), new Field("weight", ColumnType.Integer));
        IDataView Weighted(params long[] weights) => Tables.Of(schema, weights.Length, (row, to) =>
        {
            ((BooleanColumnBuilder)to[0]).Append(row % 2 == 0);
            ((NumberColumnBuilder)to[1]).Append(0.9);
            ((IntegerColumnBuilder)to[2]).Append(weights[row]);
        }).AsDataView();

        var evaluation = Evaluation.FromDataView(Weighted(3, 1), weight: "weight");

        Assert.That(evaluation.Weights.ToArray(), Is.EqualTo(new double[] { 3, 1 }));
        Assert.That(Metric.Accuracy.Compute(evaluation).Value, Is.EqualTo(0.75).Within(1e-12));
        Assert.That(
            () => Evaluation.FromDataView(Weighted(3, 0), weight: "weight"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("weight of row 2 is 0"));
    }

    [Test]
    public void FromDataView_OfBadArguments_IsRefused()
    {
        var view = Judged(["yes", "no"], [0.9, 0.2]);

        Assert.Multiple(() =>
        {
            Assert.That(() => Evaluation.FromDataView(null!), Throws.ArgumentNullException);
            Assert.That(
                () => Evaluation.FromDataView(view, label: "labl"),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("'labl'"));
            Assert.That(
                () => Evaluation.FromDataView(view, score: "Scor"),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("'Scor'"));
            Assert.That(
                () => Evaluation.FromDataView(view, score: "Label", positive: "yes"),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("'Label' is Text"));
            Assert.That(
                () => Evaluation.FromDataView(view, positive: "yes", cancellationToken: new CancellationToken(canceled: true)),
                Throws.InstanceOf<OperationCanceledException>());
        });
    }

    [Test]
    public void FromDataView_OfNoRows_LeavesMetricsUndefined()
    {
        var evaluation = Evaluation.FromDataView(Judged([], []), positive: "yes");

        Assert.That(evaluation.RowCount, Is.Zero);
        Assert.That(Metric.RocAuc.Compute(evaluation).IsDefined, Is.False);
    }

    [Test]
    public void FromDataView_OfAScorePerClass_TakesNoPositiveClassAndNoThreshold()
    {
        var scored = ScoredKinds(new MLContext(1), Rows(300), Rows(300));

        Assert.That(() => Evaluation.FromDataView(scored, label: "key", positive: "low"), Throws.InstanceOf<MlOpsException>());
        Assert.That(() => Evaluation.FromDataView(scored, label: "key", threshold: 0.5), Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public void FromDataView_OfKeysWithoutNames_TakesTheirNumbers()
    {
        var ml = new MLContext(1);
        var rows = ml.Data.LoadFromEnumerable(new[]
        {
            new NumberedRow { Label = 0, Score = [0.8f, 0.1f, 0.1f] },
            new NumberedRow { Label = 2, Score = [0.2f, 0.5f, 0.3f] },
        });

        var evaluation = Evaluation.FromDataView(rows);

        Assert.That(evaluation.Labels.ToArray(), Is.EqualTo(new double[] { 0, 2 }));
        Assert.That((evaluation.Decision(0), evaluation.Decision(1)), Is.EqualTo((0, 1)));
    }

    [Test]
    public void FromDataView_OfClassesThatNobodyNames_IsRefused()
    {
        var view = Tables.Of(
            new Schema(new Field("Label", ColumnType.Text), new Field("Score", ColumnType.Vector, 2)),
            2,
            (row, to) =>
            {
                ((TextColumnBuilder)to[0]).Append(Kinds[row]);
                ((VectorColumnBuilder)to[1]).Append([0.5f, 0.5f]);
            }).AsDataView();

        Assert.That(
            () => Evaluation.FromDataView(view),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("does not name its classes"));
    }

    private static IDataView Scored<T>(MLContext ml, IEstimator<T> trainer)
        where T : class, ITransformer
    {
        var rows = Rows(600);
        return ml.Transforms.Conversion
            .ConvertType([.. new[] { "a", "b", "sum" }.Select(column => new InputOutputColumnPair(column))], DataKind.Single)
            .Append(ml.Transforms.Concatenate("Features", "a", "b"))
            .Append(trainer)
            .Fit(rows)
            .Transform(rows);
    }

    private static IDataView ScoredKinds(MLContext ml, IDataView training, IDataView rows) =>
        ml.Transforms.Conversion.MapValueToKey("key", "kind")
            .Append(ml.Transforms.Conversion.ConvertType([new InputOutputColumnPair("a"), new InputOutputColumnPair("b")], DataKind.Single))
            .Append(ml.Transforms.Concatenate("Features", "a", "b"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("key"))
            .Fit(training)
            .Transform(rows);

    private static IDataView Rows(int count)
    {
        var random = new Random(count);
        return Tables.Of(
            new Schema(
                new Field("a", ColumnType.Number),
                new Field("b", ColumnType.Number),
                new Field("sum", ColumnType.Number),
                new Field("over", ColumnType.Boolean),
                new Field("kind", ColumnType.Text)),
            count,
            (_, to) =>
            {
                var (a, b) = (random.NextDouble(), random.NextDouble());
                var sum = a + b + 0.3 * (random.NextDouble() - 0.5);
                ((NumberColumnBuilder)to[0]).Append(a);
                ((NumberColumnBuilder)to[1]).Append(b);
                ((NumberColumnBuilder)to[2]).Append(sum);
                ((BooleanColumnBuilder)to[3]).Append(sum > 1);
                ((TextColumnBuilder)to[4]).Append(Kinds[sum < 0.7 ? 0 : sum < 1.3 ? 1 : 2]);
            }).AsDataView();
    }

    // The kinds, in the reverse order of their first occurrence.
    private static IDataView Reversed(IDataView rows)
    {
        string[] kinds = [.. Reading.Texts(rows, "kind").Distinct().Reverse()];
        return Tables.OfOne("kind", ColumnType.Text, kinds.Length, (row, to) => ((TextColumnBuilder)to).Append(kinds[row])).AsDataView();
    }

    private static IDataView Judged(string[] labels, double[] scores) => Tables.Of(
        new Schema(new Field("Label", ColumnType.Text), new Field("Probability", ColumnType.Number)),
        labels.Length,
        (row, to) =>
        {
            ((TextColumnBuilder)to[0]).Append(labels[row]);
            ((NumberColumnBuilder)to[1]).Append(scores[row]);
        }).AsDataView();

    private sealed class KindRow
    {
        [ColumnName("kind")]
        public string Kind { get; set; } = "";
    }

    private sealed class NumberedRow
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3)]
        public float[] Score { get; set; } = [];
    }
}
