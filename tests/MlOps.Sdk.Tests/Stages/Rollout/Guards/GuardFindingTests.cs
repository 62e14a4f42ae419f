using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Rollout;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Rollout;

/// <summary>What the built-in guards say: both versions and the limit, and nothing that was not observed.</summary>
[TestFixture]
public sealed class GuardFindingTests
{
    private static readonly ArmEvidence None = new() { Version = 1 };

    private static readonly ArmEvidence Some = new(new CallCounts { Failed = 10 })
    {
        Version = 2,
        Calls = 1_000,
        Failed = 10,
        Decisions = [600, 400],
        Labelled = [[500, 100], [50, 350]],
        Groups = new Dictionary<string, IReadOnlyList<GroupWindow>>
        {
            ["plan"] = [new GroupWindow("a", 600, 300), new GroupWindow("b", 400, 100)],
        },
        Scored = 1_000,
        MeanScore = 12.5,
        ScoreVariance = 4,
        Errors = 1_000,
        MeanAbsoluteError = 1.5,
        AbsoluteErrorVariance = 1,
    };

    private static readonly IRolloutGuard[] Guards =
    [
        RolloutGuards.Errors(0.005), RolloutGuards.PredictionDrift(0.1), RolloutGuards.Performance(0.01),
        RolloutGuards.Value("profit", (decision, label) => decision == label ? 1 : 0, 0.05), RolloutGuards.Bias("plan", 0.2),
        RolloutGuards.Latency(0.95, 1.5),
    ];

    [TestCase("errors", "neither version has any calls yet, and the limit is 0.5 percentage points more")]
    [TestCase("prediction drift", "neither version has any predictions yet, and the limit is 10 percentage points either way")]
    [TestCase("performance", "neither version has any labels yet, and the limit is 1 percentage point more")]
    [TestCase("profit", "neither version has any labels yet, and the limit is 0.05 less")]
    [TestCase("bias by plan",
        "the candidate has no predictions for a group of 'plan' yet, and the limit is a difference of 20 " +
        "percentage points")]
    [TestCase("latency p95",
        "the p95 latency is not known yet on the candidate and not known yet on the live version, and the " +
        "limit is 1.5 times as long")]
    public void Judge_NoRows_SaysSoAndObservesNothing(string guard, string sentence)
    {
        var finding = Judge(guard, candidate: None, live: None);

        Assert.That((finding.State, finding.Observed), Is.EqualTo((GuardState.Open, double.NaN)));
        Assert.That(finding.Sentence, Is.EqualTo(sentence));
    }

    [TestCase("errors", "the candidate has no calls yet")]
    [TestCase("prediction drift", "the candidate has no predictions yet")]
    [TestCase("performance", "the candidate has no labels yet")]
    [TestCase("profit", "the candidate has no labels yet")]
    public void Judge_NoRowsOfTheCandidate_SaysSoAndObservesNothing(string guard, string sentence)
    {
        var finding = Judge(guard, candidate: None, live: Some);
        var mirrored = Judge(guard, candidate: Some, live: None);

        Assert.That((finding.State, finding.Observed), Is.EqualTo((GuardState.Open, double.NaN)));
        Assert.That(finding.Sentence, Does.StartWith($"{sentence}, and the limit is "));
        Assert.That(mirrored.Observed, Is.NaN);
        Assert.That(mirrored.Sentence, Does.StartWith(sentence.Replace("candidate", "live version", StringComparison.Ordinal)));
    }

    [TestCase("errors",
        "1.00 % of 1,000 calls fail, compared with 1.00 % of 1,000 on the live version, and the limit is " +
        "0.5 percentage points more")]
    [TestCase("prediction drift",
        "40.0 % of 1,000 predictions are Yes, compared with 40.0 % of 1,000 on the live version, and the " +
        "limit is 10 percentage points either way")]
    [TestCase("performance",
        "15.0 % of 1,000 labelled decisions are wrong, compared with 15.0 % of 1,000 on the live version, " +
        "and the limit is 1 percentage point more")]
    [TestCase("profit",
        "a decision is worth 0.85 on average over 1,000 labels, compared with 0.85 over 1,000 on the live " +
        "version, and the limit is 0.05 less")]
    [TestCase("bias by plan",
        "the share of positive decisions is 50.0 % of 600 for a and 25.0 % of 400 for b, and the limit is a " +
        "difference of 20 percentage points")]
    public void Judge_Rows_SaysWhatBothVersionsDoAndTheLimit(string guard, string sentence) =>
        Assert.That(Judge(guard, Some, Some).Sentence, Is.EqualTo(sentence));

    [Test]
    public void Judge_OneGroup_NamesWhatIsMissing()
    {
        var one = Some with
        {
            Groups = new Dictionary<string, IReadOnlyList<GroupWindow>>
            {
                ["plan"] = [new GroupWindow("a", 600, 300), new GroupWindow("b", 0, 0), new GroupWindow(null, 5, 0)],
            },
        };

        var finding = Judge("bias by plan", one, Some);

        Assert.That((finding.State, finding.Observed), Is.EqualTo((GuardState.Open, double.NaN)));
        Assert.That(finding.Sentence, Does.StartWith("the candidate has predictions for only one group of 'plan' yet, "));
    }

    [Test]
    public void Judge_Regression_SaysWhatBothVersionsDoAndTheLimit() => Assert.Multiple(() =>
    {
        Assert.That(Judge("performance", Some, Some, isRegression: true).Sentence, Is.EqualTo(
            "the mean absolute error is 1.5 over 1,000 labels, compared with 1.5 over 1,000 on the live version, " +
            "and the limit is 0.01 more"));
        Assert.That(Judge("prediction drift", Some, Some, isRegression: true).Sentence, Is.EqualTo(
            "the mean of 1,000 predictions is 12.5, compared with 12.5 of 1,000 on the live version, whose standard deviation is 2, " +
            "and the limit is 0.1 standard deviations of the live version either way"));
    });

    [TestCase(0, "neither version has any", "neither version has any")]
    [TestCase(1,
        "the mean absolute error is 1.5 over 1 labels, compared with 1.5 over 1 on the live version, where " +
        "each needs 200",
        "the mean of 1 predictions is 12.5, compared with 12.5 of 1 on the live version, where each needs 200")]
    [TestCase(199,
        "the mean absolute error is 1.5 over 199 labels, compared with 1.5 over 199 on the live version, " +
        "where each needs 200",
        "the mean of 199 predictions is 12.5, compared with 12.5 of 199 on the live version, where each needs 200")]
    public void Judge_RegressionWithFewRows_SaysHowManyItNeeds(int rows, string performance, string drift)
    {
        var few = rows == 0 ? None : Some with
        {
            Scored = rows,
            ScoreVariance = rows < 2 ? double.NaN : 4,
            Errors = rows,
            AbsoluteErrorVariance = rows < 2 ? double.NaN : 1,
        };
        var (errors, mean) = (Judge("performance", few, few, isRegression: true), Judge("prediction drift", few, few, isRegression: true));

        Assert.That((errors.State, mean.State), Is.EqualTo((GuardState.Open, GuardState.Open)));
        Assert.That((mean.Observed, mean.Lower, mean.Upper), Is.EqualTo((double.NaN, 0, double.PositiveInfinity)));
        Assert.That(errors.Sentence, Does.StartWith(performance));
        Assert.That(mean.Sentence, Does.StartWith(drift));
    }

    [Test]
    public void Judge_RegressionThatPredictsOneNumber_HasNoUnit()
    {
        var finding = Judge("prediction drift", Some, Some with { ScoreVariance = 0 }, isRegression: true);

        Assert.That((finding.State, finding.Observed), Is.EqualTo((GuardState.Open, double.NaN)));
        Assert.That(finding.Sentence, Does.StartWith(
            "the live version predicts 12.5 on all 1,000 calls, so there is no standard deviation to measure in, and"));
    }

    private static GuardFinding Judge(string guard, ArmEvidence candidate, ArmEvidence live, bool isRegression = false) =>
        Guards.Single(one => one.Name == guard).Judge(
            new RolloutContext
            {
                Model = "m",
                LiveVersion = 1,
                CandidateVersion = 2,
                Task = isRegression ? TaskKind.Regression : TaskKind.BinaryClassification,
                Classes = isRegression ? [] : ["No", "Yes"],
            },
            new RolloutStep { Share = 0.5, StartedAt = DateTimeOffset.UnixEpoch, Live = live, Candidate = candidate },
            0.99);
}
