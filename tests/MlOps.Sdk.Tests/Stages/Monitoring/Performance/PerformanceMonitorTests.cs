using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>What the monitors of performance conclude of labelled predictions whose truth is known.</summary>
[TestFixture]
public sealed class PerformanceMonitorTests
{
    private static readonly IMetric Profit = DecisionValue.Of(
        "profit", (decision, label) => decision == "no" ? 0 : label == "yes" ? 80 : -20);

    private static readonly object[] Equal =
    [
        new object[] { Draws.Binary, Metric.Accuracy }, new object[] { Draws.Binary, Metric.RocAuc },
        new object[] { Draws.Binary, Metric.Brier }, new object[] { Draws.Binary, Profit },
        new object[] { Draws.Rare, Metric.Accuracy }, new object[] { Draws.Rare, Metric.Recall },
        new object[] { Draws.Rare, Metric.RocAuc }, new object[] { Draws.Rare, Metric.PrAuc }, new object[] { Draws.Rare, Profit },
        new object[] { Draws.Multiclass, Metric.Accuracy }, new object[] { Draws.Regression, Metric.Mae },
    ];

    private static readonly object[] Worse =
    [
        new object[] { Draws.Binary, Metric.Accuracy, 0.02 }, new object[] { Draws.Binary, Metric.RocAuc, 0.02 },
        new object[] { Draws.Binary, Metric.LogLoss, 0.02 }, new object[] { Draws.Binary, Profit, 1.0 },
        new object[] { Draws.Rare, Metric.RocAuc, 0.02 }, new object[] { Draws.Multiclass, Metric.Accuracy, 0.02 },
        new object[] { Draws.Multiclass, Metric.F1, 0.02 }, new object[] { Draws.Regression, Metric.Rmse, 0.1 },
        new object[] { Draws.Regression, Metric.R2, 0.01 },
    ];

    [TestCaseSource(nameof(Equal))]
    public async Task Measure_EqualPerformance_AlarmsAtMostAtTheLevel(Draws draws, IMetric metric)
    {
        // The limit is nearly zero, so that nothing but chance is judged; a binomial bound of 99.9 % allows for the number of checks.
        var checks = LongForm.Of(2_000, 100);
        var (alarms, beyond) = (0, 0);
        for (var i = 0; i < checks; i++)
        {
            var random = new Random(1_000 * i + metric.Name.Length);
            var measured = await MeasureAsync(draws, metric, 1e-9, Draw(draws, random, 1_000), Draw(draws, random, 400));
            var verdict = MonitoringPolicy.Judge([measured], Correction.BenjaminiHochberg, 0.05)[0].Verdict;
            if (verdict == MonitoringVerdict.Changed) alarms++;
            if (measured.PValue < 0.005) beyond++;
        }

        Assert.That(Intervals.Wilson(alarms, checks, 0.998).Lower, Is.LessThan(0.05), $"{alarms} of {checks}");
        Assert.That(Intervals.Wilson(beyond, checks, 0.998).Lower, Is.LessThan(0.01), $"{beyond} of {checks}");
    }

    [TestCaseSource(nameof(Worse))]
    public async Task Measure_PlantedWorsening_IsFound(Draws draws, IMetric metric, double atMostWorse)
    {
        var random = new Random(5);

        var measured = await MeasureAsync(
            draws, metric, atMostWorse, Draw(draws, random, 3_000), Draw(draws, random, 3_000, isSpoiled: true));

        Assert.That(measured.EffectLower, Is.GreaterThan(atMostWorse), measured.ToString());
        Assert.That(measured.PValue, Is.LessThan(1e-3));
        Assert.That(
            MonitoringPolicy.Judge([measured], Correction.BenjaminiHochberg, 0.01)[0].Verdict, Is.EqualTo(MonitoringVerdict.Changed));
        Assert.That(measured.Note, Does.Contain("3,000 labels of 6,000 predictions (50.0 % have a label)"));
    }

    [Test]
    public async Task Measure_BetterThanReleased_IsStable()
    {
        var random = new Random(5);

        var measured = await MeasureAsync(
            Draws.Binary, Metric.RocAuc, 0.01, Draw(Draws.Binary, random, 2_000, isSpoiled: true), Draw(Draws.Binary, random, 2_000));

        Assert.That((measured.EffectSize, measured.EffectLower), Is.EqualTo((0, 0)));
        Assert.That(measured.PValue, Is.GreaterThan(0.5));
    }

    [Test]
    public async Task Measure_SameRowsAsStage4_HasItsValue()
    {
        var rows = Draw(Draws.Binary, new Random(5), 500);
        var evaluation = new Evaluation
        {
            Task = TaskKind.BinaryClassification,
            Labels = rows.Select(row => row.Label == "yes" ? 1.0 : 0).ToArray(),
            Scores = rows.Select(row => row.Scores[0]).ToArray(),
        };
        foreach (var metric in new[] { Metric.RocAuc, Metric.F1, Metric.LogLoss, Metric.CalibrationError })
        {
            var measured = await MeasureAsync(Draws.Binary, metric, 0.1, rows, rows);

            Assert.That(measured.Note, Does.StartWith($"{PerformanceLabels.Say(MetricIntervals.Compute(metric, evaluation))} on "));
            Assert.That(measured.EffectSize, Is.Zero);
        }
    }

    [Test]
    public async Task Measure_ScoresAndLabelsThatTellNothing_AreLeftOutAndSaid()
    {
        var rows = Draw(Draws.Binary, new Random(5), 500);
        rows.Add(("perhaps", [0.5], null));
        rows.Add(("yes", [double.NaN], null));

        var measured = await MeasureAsync(Draws.Binary, Metric.RocAuc, 0.1, rows[..500], rows);

        Assert.That(measured.CurrentRows, Is.EqualTo(500));
        Assert.That(measured.Note, Does.Contain("; 1 label is unknown to the version; 1 score is not finite"));
        Assert.That(measured.EffectSize, Is.Zero);
    }

    [Test]
    public async Task Measure_NothingToMeasure_SaysWhyAndThrowsNothing()
    {
        var rows = Draw(Draws.Binary, new Random(5), 500);
        var oneClass = rows.Where(row => row.Label == "no").ToList();
        var numbers = Draw(Draws.Regression, new Random(5), 300);

        var one = await MeasureAsync(Draws.Binary, Metric.RocAuc, 0.1, rows, rows[..1]);
        var none = await MeasureAsync(Draws.Binary, Metric.RocAuc, 0.1, rows, []);
        var flat = await MeasureAsync(Draws.Binary, Metric.RocAuc, 0.1, rows, oneClass);
        var unscored = await MeasureAsync(
            Draws.Binary, Metric.RocAuc, 0.1, rows, [.. rows.Select(row => (row.Label, new[] { double.NaN }, row.Group))]);
        var text = await MeasureAsync(
            Draws.Regression, Metric.Rmse, 0.1, numbers, [.. numbers.Select(row => ("a lot", row.Scores, row.Group))]);
        var unreleased = await new PerformanceMonitor(Metric.Recall, Signal.Performance, 0.1, TimeSpan.FromDays(30), 100)
            .MeasureAsync(Records(Draws.Binary, rows).Window());
        var unrecorded = await new PerformanceMonitor(Metric.Recall, Signal.Performance, 0.1, TimeSpan.FromDays(30), 100)
            .MeasureAsync(MonitoringWindow.OfInputs("x", new MlOps.Sdk.Packaging.PackageBaseline(0, [], []), 200));

        Assert.Multiple(() =>
        {
            Assert.That(one.NotMeasured, Is.EqualTo("1 usable label; 100 are needed. 1 of 2 predictions have a label."));
            Assert.That(none.NotMeasured, Does.StartWith("0 usable labels"));
            Assert.That(flat.NotMeasured, Is.EqualTo("The labels do not contain every class."));
            Assert.That(unscored.NotMeasured, Does.Contain("500 scores are not finite"));
            Assert.That(text.NotMeasured, Does.Contain("300 labels are unknown to the version"));
            Assert.That(unreleased.Single().NotMeasured, Does.StartWith("Version 0 was released without a value of 'recall'"));
            Assert.That(unrecorded.Single().NotMeasured, Does.Contain("not recorded here by id"));
        });
    }

    [Test]
    public async Task Measure_TowardZero_JudgesTheDistance()
    {
        var bias = new Bias();
        var random = new Random(5);
        var before = Draw(Draws.Regression, random, 500);
        List<(string, double[], string?)> after =
            [.. Draw(Draws.Regression, random, 500).Select(row => (row.Label, new[] { row.Scores[0] - 0.5 }, row.Group))];

        var measured = await MeasureAsync(Draws.Regression, bias, 0.2, before, after);

        Assert.That(measured.EffectSize, Is.EqualTo(0.5).Within(0.15));
        Assert.That(measured.EffectLower, Is.GreaterThan(0.2));
    }

    [Test]
    public async Task Measure_ByGroup_NamesTheGroupThatIsServedWorse()
    {
        var random = new Random(5);
        List<(string, double[], string?)> rows =
        [
            .. Draw(Draws.Binary, random, 1_500).Select(row => (row.Label, row.Scores, (string?)"a")),
            .. Draw(Draws.Binary, random, 1_500, isSpoiled: true).Select(row => (row.Label, row.Scores, (string?)"b")),
            .. Draw(Draws.Binary, random, 30).Select(row => (row.Label, row.Scores, (string?)"c")),
            .. Draw(Draws.Binary, random, 30),
        ];
        var monitor = new GroupPerformanceMonitor(Metric.RocAuc, "group", 0.03, TimeSpan.FromDays(30), 100);

        var measured = await monitor.MeasureAsync(Records(Draws.Binary, rows).Window());

        var verdicts = MonitoringPolicy.Judge([.. measured], Correction.BenjaminiHochberg, 0.01);
        Assert.That(measured.Select((m, i) => (m.Subject, verdicts[i].Verdict)), Is.EquivalentTo(new[]
        {
            ("roc_auc (group=a)", MonitoringVerdict.Stable),
            ("roc_auc (group=b)", MonitoringVerdict.Changed),
            ("roc_auc (group=c)", MonitoringVerdict.NotEnoughData),
        }));
        Assert.That(measured.Select(m => m.Signal), Is.All.EqualTo(Signal.Performance));
        Assert.That(
            measured.Single(m => m.Subject.Contains("=c", StringComparison.Ordinal)).NotMeasured,
            Does.StartWith("30 usable labels, 3,000 of"));
    }

    [Test]
    public async Task Measure_ByGroupsThatAreServedAlike_AlarmsAtMostAtTheLevel()
    {
        var checks = LongForm.Of(2_000, 100);
        var alarms = 0;
        for (var i = 0; i < checks; i++)
        {
            var random = new Random(i);
            List<(string, double[], string?)> rows =
                [.. Draw(Draws.Rare, random, 900).Select(row => (row.Label, row.Scores, (string?)"abc"[random.Next(3)].ToString()))];
            var measured = await new GroupPerformanceMonitor(Metric.Recall, "group", 1e-9, TimeSpan.FromDays(30), 100)
                .MeasureAsync(Records(Draws.Rare, rows).Window());
            var verdicts = MonitoringPolicy.Judge([.. measured], Correction.BenjaminiHochberg, 0.05);
            if (verdicts.Any(judged => judged.Verdict == MonitoringVerdict.Changed)) alarms++;
        }

        Assert.That(Intervals.Wilson(alarms, checks, 0.998).Lower, Is.LessThan(0.05), $"{alarms} of {checks}");
    }

    [Test]
    public async Task Measure_ByOneGroup_SaysThatThereAreFewerThanTwo()
    {
        List<(string, double[], string?)> rows =
            [.. Draw(Draws.Binary, new Random(5), 300).Select(row => (row.Label, row.Scores, (string?)"a"))];

        var measured = await new GroupPerformanceMonitor(Metric.Recall, "group", 0.1, TimeSpan.FromDays(30), 100)
            .MeasureAsync(Records(Draws.Binary, rows).Window());

        Assert.That(measured.Single().NotMeasured, Does.StartWith("Fewer than two groups have a label."));
    }

    [Test]
    public void Value_WorthThatIsNoNumber_IsRejectedWithTheCell()
    {
        var evaluation = new Evaluation
        {
            Task = TaskKind.BinaryClassification,
            Labels = new double[] { 0, 1 },
            Scores = new[] { 0.2, 0.8 },
            Classes = ["no", "yes"],
        };

        Assert.That(
            () => DecisionValue.Of("profit", (decision, _) => decision == "yes" ? double.NaN : 0).Compute(evaluation),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("the decision 'yes' where the label is 'no' at NaN"));
        Assert.That(Profit.Compute(evaluation).Value, Is.EqualTo(40));
        Assert.That(Profit.Compute(evaluation.Take([1])).Value, Is.EqualTo(80));
    }

    private static async Task<Measurement> MeasureAsync(
        Draws draws,
        IMetric metric,
        double atMostWorse,
        List<(string Label, double[] Scores, string? Group)> released,
        List<(string Label, double[] Scores, string? Group)> labelled)
    {
        var holdout = await Records(draws, released).LabelledAsync(default, default, [], default);
        var records = Records(draws, labelled, (metric.Name, MetricIntervals.Compute(metric, holdout.Evaluation, resamples: 200)));
        var monitor = new PerformanceMonitor(metric, Signal.Performance, atMostWorse, TimeSpan.FromDays(30), 100);
        return (await monitor.MeasureAsync(records.Window())).Single();
    }

    private static MemoryRecords Records(
        Draws draws, List<(string Label, double[] Scores, string? Group)> rows, params (string Name, MetricValue Value)[] released) => new(
        draws switch
        {
            Draws.Multiclass => new LabelEncoding(TaskKind.MulticlassClassification, "y", ["a", "b", "c"]),
            Draws.Regression => new LabelEncoding(TaskKind.Regression, "y", []),
            _ => new LabelEncoding(TaskKind.BinaryClassification, "y", ["no", "yes"]),
        },
        new ReleasedEvaluation(released.ToDictionary(pair => pair.Name, pair => pair.Value), 1_000)) { Rows = rows };

    private static List<(string Label, double[] Scores, string? Group)> Draw(
        Draws draws, Random random, int count, bool isSpoiled = false) =>
        [.. Enumerable.Range(0, count).Select(_ => DrawOne(draws, random, isSpoiled))];

    private static (string Label, double[] Scores, string? Group) DrawOne(Draws draws, Random random, bool isSpoiled)
    {
        switch (draws)
        {
            case Draws.Regression:
                var y = random.NextDouble() * 10;
                return (MemoryRecords.Text(y), [y + Normal(random) * (isSpoiled ? 1.4 : 1)], null);
            case Draws.Multiclass:
                var k = random.Next(3);
                double[] scores = [random.NextDouble(), random.NextDouble(), random.NextDouble()];
                scores[k] += isSpoiled ? 0.2 : 0.6;
                var sum = scores.Sum();
                return ("abc"[k].ToString(), [.. scores.Select(score => score / sum)], null);
            default:
                var logit = (draws == Draws.Rare ? -4.0 : -0.5) + 1.7 * Normal(random);
                var p = 1 / (1 + Math.Exp(-logit));
                var label = random.NextDouble() < p ? "yes" : "no";

                // A model that lost a feature: the scores say less.
                var said = isSpoiled ? logit + 2 * Normal(random) : logit;
                return (label, [1 / (1 + Math.Exp(-said))], null);
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>The tables that are drawn: of the rare one, about 5 % are positive.</summary>
    public enum Draws
    {
        Binary,
        Rare,
        Multiclass,
        Regression,
    }

    private sealed class Bias : IMetric
    {
        public string Name => "mean_error";

        public Direction Direction => Direction.TowardZero;

        public MetricNeeds Needs => MetricNeeds.Scores;

        public MetricValue Compute(Evaluation evaluation)
        {
            var sum = 0.0;
            for (var row = 0; row < evaluation.RowCount; row++) sum += evaluation.Scores.Span[row] - evaluation.Labels.Span[row];
            return new MetricValue(sum / evaluation.RowCount);
        }
    }
}
