using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Metrics;

public sealed class FairnessTests
{
    private static readonly double[] Labels = [1, 1, 0, 0, 1, 1, 0, 0, 1];
    private static readonly double[] Decisions = [1, 1, 1, 0, 1, 0, 0, 0, 1];
    private static readonly string?[] Groups = ["a", "a", "a", "a", "b", "b", "b", "b", null];

    [Test]
    public void Metric_SmallGroups_AreNamedInTheReason()
    {
        var evaluation = Evaluation();
        var value = Fairness.EqualOpportunityDifference("sex").Compute(evaluation);
        Assert.That(value.Undefined, Does.Contain("'a' (4)").And.Contain("30"));
        Assert.That(Fairness.EqualOpportunityDifference("sex", minimumGroupSize: 2).Compute(evaluation).Value, Is.EqualTo(0.5));
    }

    [Test]
    public void Metric_UnknownAttribute_SaysWhatToDo() =>
        Assert.That(
            () => Fairness.DemographicParityDifference("age").Compute(Evaluation()),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("Protect"));

    [TestCase(30, 100, 33, 100, Description = "0 is inside")]
    [TestCase(30, 100, 60, 100)]
    [TestCase(60, 100, 30, 100)]
    [TestCase(0, 50, 40, 200)]
    [TestCase(50, 50, 10, 40)]
    public void Interval_TwoGroups_IsNewcombesFoldedAtZero(int selectedA, int rowsA, int selectedB, int rowsB)
    {
        var signed = Intervals.NewcombeDifference(selectedA, rowsA, selectedB, rowsB);
        var value = MetricIntervals.Compute(
            Fairness.DemographicParityDifference("g"), OfGroups(("a", selectedA, rowsA), ("b", selectedB, rowsB)));

        double[] sizes = [.. new[] { Math.Abs(signed.Lower), Math.Abs(signed.Upper) }.Order()];
        Assert.That(value.Lower, Is.EqualTo(signed.Contains(0) ? 0 : sizes[0]).Within(1e-12));
        Assert.That(value.Upper, Is.EqualTo(sizes[1]).Within(1e-12));
    }

    [Test]
    public void Interval_GroupsTreatedAlike_IncludesEqualTreatment([Values(2, 3, 6)] int groups)
    {
        var evaluation = OfGroups([.. Enumerable.Range(0, groups).Select(group => ($"{group}", 30 + group % 2, 100))]);
        var difference = MetricIntervals.Compute(Fairness.DemographicParityDifference("g"), evaluation);
        var ratio = MetricIntervals.Compute(Fairness.DemographicParityRatio("g"), evaluation);

        Assert.That(difference.Value, Is.EqualTo(0.01).Within(1e-12));
        Assert.That(difference.Lower, Is.Zero);
        Assert.That(difference.Upper, Is.InRange(0.11, 0.3));
        Assert.That(ratio.Upper, Is.EqualTo(1));
        Assert.That(ratio.Lower, Is.InRange(0.4, 0.7));
    }

    [Test]
    public void Interval_OneOfSeveralGroupsFarOff_IsThatOfThePair()
    {
        // Nobody doubts which pair is the farthest: no correction is left.
        var value = MetricIntervals.Compute(
            Fairness.DemographicParityDifference("g"), OfGroups(("a", 10, 1000), ("b", 500, 1000), ("c", 480, 1000), ("d", 990, 1000)));
        var pair = Intervals.NewcombeDifference(990, 1000, 10, 1000);
        Assert.That(value.Lower, Is.EqualTo(pair.Lower).Within(1e-6));
        Assert.That(value.Upper, Is.EqualTo(pair.Upper).Within(1e-12));
    }

    [Test]
    public void Interval_RatioToAGroupThatIsNeverSelected_BeginsAtZero()
    {
        var value = MetricIntervals.Compute(Fairness.DemographicParityRatio("g"), OfGroups(("a", 0, 100), ("b", 50, 100), ("c", 50, 100)));
        Assert.That((value.Value, value.Lower), Is.EqualTo((0.0, 0.0)));
        Assert.That(value.Upper, Is.InRange(0.03, 0.2));
    }

    [TestCase("demographic_parity_difference", 2, 0)]
    [TestCase("demographic_parity_difference", 4, 0)]
    [TestCase("demographic_parity_difference", 4, 0.2)]
    [TestCase("demographic_parity_ratio", 3, 0)]
    [TestCase("equal_opportunity_difference", 3, 0)]
    [TestCase("equalized_odds_difference", 2, 0)]
    [TestCase("weighted", 3, 0)]
    public void Interval_OfSamples_HoldsTheTruth(string name, int groups, double gap)
    {
        const int samples = 300;
        var metric = name switch
        {
            "demographic_parity_ratio" => Fairness.DemographicParityRatio("g", 5),
            "equal_opportunity_difference" => Fairness.EqualOpportunityDifference("g", 5),
            "equalized_odds_difference" => Fairness.EqualizedOddsDifference("g", 5),
            _ => Fairness.DemographicParityDifference("g", 5),
        };
        var truth = name == "demographic_parity_ratio" ? 1 : gap;
        var held = 0;
        for (var sample = 0; sample < samples; sample++)
        {
            var value = MetricIntervals.Compute(metric, Sample(new Random(sample), 300, groups, gap, name == "weighted"));
            if (value.Lower <= truth && truth <= value.Upper) held++;
        }

        TestContext.Out.WriteLine($"{name}: {held} of {samples}");
        Assert.That(held / (double)samples, Is.InRange(0.915, 0.99));
    }

    [Test]
    public void Compare_GapsOfTwoModels_AreAntisymmetricAndHoldTheTruth()
    {
        const int samples = 200;
        foreach (var metric in new[] { Fairness.DemographicParityDifference("g", 5), Fairness.DemographicParityRatio("g", 5) })
        {
            var held = 0;
            for (var sample = 0; sample < samples; sample++)
            {
                var random = new Random(sample);
                var alike = Sample(random, 400, 2, 0);
                var champion = new Evaluation
                {
                    Task = alike.Task, Labels = alike.Labels, Groups = alike.Groups,
                    Scores = Enumerable.Range(0, 400)
                        .Select(row => random.NextDouble() < (alike.Groups["g"][row] == "1" ? 0.7 : 0.3) ? 1.0 : 0).ToArray(),
                };
                var better = MetricComparison.Compare(metric, champion, alike);
                var worse = MetricComparison.Compare(metric, alike, champion);
                Assert.That(worse.Improvement, Is.EqualTo(-better.Improvement).Within(1e-12));
                Assert.That(worse.Lower, Is.EqualTo(-better.Upper).Within(1e-12));
                Assert.That(worse.Upper, Is.EqualTo(-better.Lower).Within(1e-12));
                Assert.That(better.Improvement, Is.InRange(better.Lower, better.Upper));
                Assert.That(better.PValue < 0.05, Is.EqualTo(better.Lower > 0 || better.Upper < 0));
                var truth = metric.Direction == Direction.Down ? 0.4 : 1 - 3.0 / 7;
                if (better.Lower <= truth && truth <= better.Upper) held++;
            }

            Assert.That(held / (double)samples, Is.GreaterThan(0.92), metric.Name);
        }
    }

    [Test]
    public void Compare_TheSameModel_IsNoImprovement()
    {
        var evaluation = Sample(new Random(4), 500, 3, 0.2);
        var difference = MetricComparison.Compare(Fairness.EqualizedOddsDifference("g", 5), evaluation, evaluation);
        Assert.That(difference.Improvement, Is.Zero);
        Assert.That((difference.Lower, difference.Upper, difference.PValue), Is.EqualTo((-difference.Upper, difference.Upper, 1.0)));
    }

    [Test]
    public void Interval_SelectionRate_IsWilsons()
    {
        var value = MetricIntervals.Compute(Fairness.SelectionRate("g", "a"), OfGroups(("a", 0, 40), ("b", 20, 40)));
        Assert.That((value.Lower, value.Upper), Is.EqualTo((0.0, Intervals.Wilson(0, 40).Upper)));
    }

    private static Evaluation OfGroups(params (string Name, int Selected, int Rows)[] groups) => new()
    {
        Task = TaskKind.BinaryClassification,
        Labels = new double[groups.Sum(group => group.Rows)],
        Scores = groups.SelectMany(group => Enumerable.Range(0, group.Rows).Select(row => row < group.Selected ? 1.0 : 0)).ToArray(),
        Groups = new Dictionary<string, IReadOnlyList<string?>>
        {
            ["g"] = [.. groups.SelectMany(group => Enumerable.Repeat(group.Name, group.Rows))],
        },
    };

    /// <summary>Rows of groups of uneven sizes; the last group is decided positive more often.</summary>
    private static Evaluation Sample(Random random, int rows, int groups, double gap, bool weighted = false)
    {
        var (labels, scores, names) = (new double[rows], new double[rows], new string?[rows]);
        for (var row = 0; row < rows; row++)
        {
            var group = Math.Min(random.Next(groups), random.Next(groups + 1));
            names[row] = $"{group}";
            labels[row] = random.Next(2);
            scores[row] = random.NextDouble() < 0.3 + (group == groups - 1 ? gap : 0) ? 1 : 0;
        }

        return new Evaluation
        {
            Task = TaskKind.BinaryClassification,
            Labels = labels,
            Scores = scores,
            Groups = new Dictionary<string, IReadOnlyList<string?>> { ["g"] = names },
            Weights = weighted ? Array.ConvertAll(scores, _ => 0.5 + random.NextDouble()) : [],
        };
    }

    private static Evaluation Evaluation() => new()
    {
        Task = TaskKind.BinaryClassification,
        Labels = Labels,
        Scores = Decisions,
        Groups = new Dictionary<string, IReadOnlyList<string?>> { ["sex"] = Groups },
    };
}
