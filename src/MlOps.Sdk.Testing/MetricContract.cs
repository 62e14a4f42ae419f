using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>What every <see cref="IMetric"/> promises. Derive a fixture from it for each metric.</summary>
[TestFixture]
public abstract class MetricContract
{
    /// <summary>The attribute whose groups the rows of the contract have: <c>a</c>, <c>b</c> and missing ones.</summary>
    protected const string GroupAttribute = "group";

    /// <summary>The tasks that the metric is defined for.</summary>
    protected abstract IReadOnlyList<TaskKind> Tasks { get; }

    /// <summary>
    /// Evaluations for which the metric says that it is undefined, for example without a positive row. Default: only the
    /// empty one, which is always tried.
    /// </summary>
    protected virtual IEnumerable<Evaluation> Undefined => [];

    /// <summary>
    /// Whether true predictions are at least as good as random ones. Default: unless the metric reads groups, as
    /// equal treatment is another aim.
    /// </summary>
    protected virtual bool RewardsTruth => !Create().Needs.HasFlag(MetricNeeds.Groups);

    /// <summary>Makes the metric.</summary>
    protected abstract IMetric Create();

    /// <summary>The value is defined, finite and the same to the bit each time, from several threads; an interval holds it.</summary>
    [Test]
    public void Compute_Again_SameBits()
    {
        var metric = Create();
        Assert.That(metric.Name, Is.Not.Null.And.Not.Empty);
        foreach (var task in Tasks)
        {
            var evaluation = Evaluate(task);
            var first = metric.Compute(evaluation);
            Assert.That(first.IsDefined, Is.True, $"{task}: {first.Undefined}");
            Assert.That(
                first.Value, Is.Not.NaN.And.Not.EqualTo(double.PositiveInfinity).And.Not.EqualTo(double.NegativeInfinity), $"{task}");
            if (first.HasInterval) Assert.That(first.Value, Is.InRange(first.Lower, first.Upper), $"{task}");
            var found = new MetricValue[16];
            Parallel.For(0, found.Length, i => found[i] = Create().Compute(evaluation));
            Assert.That(found, Is.All.EqualTo(first), $"{task}");
        }
    }

    /// <summary>The order of the rows does not matter.</summary>
    [Test]
    public void Compute_RowsInAnotherOrder_SameValue()
    {
        foreach (var task in Tasks)
        {
            var evaluation = Evaluate(task);
            int[] order = [.. Enumerable.Range(0, evaluation.RowCount)];
            new Random(3).Shuffle(order);

            var (first, second) = (Create().Compute(evaluation), Create().Compute(evaluation.Take(order)));

            Assert.That(second.Value, Is.EqualTo(first.Value).Within(1e-9 * Math.Max(1, Math.Abs(first.Value))), $"{task}");
        }
    }

    /// <summary>
    /// Without rows, for another task and where it says so, the metric is undefined with a reason; it never
    /// throws and never invents a number.
    /// </summary>
    [Test]
    public void Compute_NothingToMeasure_IsUndefinedWithAReason()
    {
        var metric = Create();
        var empty = Tasks.Select(task => Evaluate(task).Take([]));
        var others = Enum.GetValues<TaskKind>().Except(Tasks).Select(task => Evaluate(task));
        foreach (var evaluation in empty.Concat(others).Concat(Undefined))
        {
            var value = metric.Compute(evaluation);
            Assert.That(value.IsDefined, Is.False, $"{evaluation.Task}, {evaluation.RowCount} rows: {value.Value}");
            Assert.That(value.Undefined, Is.Not.Null.And.Not.Empty, $"{evaluation.Task}, {evaluation.RowCount} rows");
            Assert.That(value.Value, Is.NaN);
        }
    }

    /// <summary>Weights of 1 change nothing.</summary>
    [Test]
    public void Compute_WeightsOfOne_ChangeNothing()
    {
        foreach (var task in Tasks)
        {
            var evaluation = Evaluate(task);
            var ones = Enumerable.Repeat(1.0, evaluation.RowCount).ToArray();

            AssertSame(Create().Compute(Weighted(evaluation, ones)), Create().Compute(evaluation), task);
        }
    }

    /// <summary>
    /// To a metric that reads weights, whole ones mean as many rows. Any other does not say <see cref="MetricNeeds.Weights"/>, and they
    /// change nothing.
    /// </summary>
    [Test]
    public void Compute_WholeWeights_MeanAsManyRows()
    {
        foreach (var task in Tasks)
        {
            var evaluation = Evaluate(task);
            var random = new Random(5);
            int[] times = [.. Enumerable.Range(0, evaluation.RowCount).Select(_ => random.Next(1, 5))];
            int[] repeated = [.. times.SelectMany((many, row) => Enumerable.Repeat(row, many))];
            var expected = Create().Needs.HasFlag(MetricNeeds.Weights) ? evaluation.Take(repeated) : evaluation;

            AssertSame(
                Create().Compute(Weighted(evaluation, Array.ConvertAll(times, many => (double)many))), Create().Compute(expected), task);
        }
    }

    /// <summary>True predictions are at least as good as random ones, in the metric's own direction.</summary>
    [Test]
    public void Compute_TruePredictions_AreAtLeastAsGoodAsRandomOnes()
    {
        if (!RewardsTruth) return;
        var metric = Create();
        foreach (var task in Tasks)
        {
            var (right, random) = (metric.Compute(Evaluate(task, truth: 1)).Value, metric.Compute(Evaluate(task, truth: 0)).Value);
            Assert.That(
                metric.Direction switch
                {
                    Direction.Up => right >= random,
                    Direction.Down => right <= random,
                    _ => Math.Abs(right) <= Math.Abs(random)
                },
                Is.True,
                $"{task}: {right} for the truth, {random} for random predictions, {metric.Direction}");
        }
    }

    private static void AssertSame(MetricValue found, MetricValue expected, TaskKind task)
    {
        Assert.That(found.IsDefined, Is.EqualTo(expected.IsDefined), $"{task}: {found.Undefined}");
        Assert.That(found.Value, Is.EqualTo(expected.Value).Within(1e-9 * Math.Max(1, Math.Abs(expected.Value))), $"{task}");
    }

    private static Evaluation Weighted(Evaluation evaluation, double[] weights) => new()
    {
        Task = evaluation.Task,
        Labels = evaluation.Labels,
        Scores = evaluation.Scores,
        ClassCount = evaluation.ClassCount,
        Threshold = evaluation.Threshold,
        Groups = evaluation.Groups,
        Weights = weights,
    };

    /// <summary>Makes labels and predictions of a task.</summary>
    /// <param name="task">The task; several classes are three.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="truth">The part of the predictions that is the truth, 0 to 1; the rest is random.</param>
    protected static Evaluation Evaluate(TaskKind task, int rows = 400, double truth = 0.5)
    {
        var random = new Random(17);
        var classes = task switch { TaskKind.Regression => 1, TaskKind.BinaryClassification => 2, _ => 3 };
        var width = task == TaskKind.MulticlassClassification ? classes : 1;
        var labels = new double[rows];
        var scores = new double[rows * width];
        var groups = new string?[rows];
        for (var row = 0; row < rows; row++)
        {
            groups[row] = random.Next(10) switch { < 5 => "a", < 9 => "b", _ => null };
            if (task == TaskKind.Regression)
            {
                labels[row] = 1 + 10 * random.NextDouble();
                scores[row] = truth * labels[row] + (1 - truth) * (1 + 10 * random.NextDouble());
                continue;
            }

            var label = random.Next(classes);
            labels[row] = label;
            if (width == 1)
            {
                scores[row] = truth * label + (1 - truth) * random.NextDouble();
                continue;
            }

            var ofRow = scores.AsSpan(row * width, width);
            for (var k = 0; k < width; k++) ofRow[k] = 0.1 + random.NextDouble();
            var sum = ofRow[0] + ofRow[1] + ofRow[2];
            for (var k = 0; k < width; k++) ofRow[k] = truth * (k == label ? 1 : 0) + (1 - truth) * ofRow[k] / sum;
        }

        return new Evaluation
        {
            Task = task,
            Labels = labels,
            Scores = scores,
            ClassCount = classes,
            Groups = new Dictionary<string, IReadOnlyList<string?>> { [GroupAttribute] = groups },
        };
    }
}
