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
        ScoreCounts = [120, 280, 600],
        LargestError = 25,
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
        Assert.That(Judge("performance", Some, Some with { MeanAbsoluteError = 1.25 }, isRegression: true).Sentence, Is.EqualTo(
            "the mean absolute error is 1.5 over 1,000 labels, compared with 1.25 over 1,000 on the live version, " +
            "where an error counts at most as 25, and the limit is 0.01 more"));
        Assert.That(Judge("prediction drift", Some, Some with { ScoreCounts = [100, 250, 650] }, isRegression: true).Sentence, Is.EqualTo(
            "40.0 % of 1,000 predictions are at most 2000.5, compared with 35.0 % of 1,000 on the live version, " +
            "and the limit is 10 percentage points either way"));
    });

    [Test]
    public void Judge_RegressionWithoutRows_SaysSoAndObservesNothing()
    {
        var none = None with { LargestError = 25 };
        var errors = Judge("performance", none, none, isRegression: true);
        var drift = Judge("prediction drift", none, none, isRegression: true);

        Assert.That((errors.State, errors.Observed, errors.Lower, errors.Upper), Is.EqualTo((GuardState.Open, double.NaN, -25, 25)));
        Assert.That((drift.State, drift.Observed, drift.Lower, drift.Upper), Is.EqualTo((GuardState.Open, double.NaN, 0, 1)));
        Assert.That(errors.Sentence, Does.StartWith("neither version has any labels yet, "));
        Assert.That(drift.Sentence, Does.StartWith("neither version has any predictions yet, "));
    }

    [Test]
    public void Judge_RegressionThatPredictsOneNumber_IsComparedToo()
    {
        // The edges of a constant are the number below it and itself.
        var five = Some with { ScoreCounts = [0, 1_000, 0] };
        var six = Some with { ScoreCounts = [0, 0, 1_000] };

        var same = Judge("prediction drift", five, five, isRegression: true);
        var other = Judge("prediction drift", six, five, isRegression: true);

        Assert.That((same.State, same.Observed), Is.EqualTo((GuardState.Kept, 0.0)));
        Assert.That((other.State, other.Observed), Is.EqualTo((GuardState.Violated, 1.0)));
    }

    [Test]
    public void Judge_ShareThatIsKnownAndOneThatIsNot_IsOpen()
    {
        // The last class differs surely, but within the limit; the share of the others is not known that well.
        string[] classes = ["a", "b", "c"];
        var live = Some with { Decisions = [5_000, 5_000, 0] };
        var candidate = Some with { Decisions = [4_850, 4_850, 300] };

        var finding = RolloutGuards.PredictionDrift(0.05).Judge(
            ContextOf(TaskKind.MulticlassClassification, classes), StepOf(candidate, live), 0.99);

        Assert.That(finding.State, Is.EqualTo(GuardState.Open), finding.ToString());
        Assert.That(finding.Lower, Is.GreaterThan(0));
        Assert.That(finding.Upper, Is.GreaterThan(0.05));
        Assert.That(finding.Sentence, Does.StartWith("3.0 % of 10,000 predictions are c, compared with 0.0 % of 10,000"));
    }

    [Test]
    public void Judge_RegressionWithoutABound_SaysWhatToDeclare() => Assert.Multiple(() =>
    {
        Assert.That(
            () => Judge("performance", Some with { LargestError = double.PositiveInfinity }, Some, isRegression: true),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("RolloutGuards.Performance(atMostWorse, largestError: …)"));
        Assert.That(
            () => RolloutGuards.Performance(30).Judge(ContextOf(TaskKind.Regression, []), StepOf(Some, Some), 0.99),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("allows 30 more, and an error counts at most as 25"));
        Assert.That(
            () => RolloutGuards.Performance(0.01, largestError: 5).Judge(
                ContextOf(TaskKind.BinaryClassification, ["No", "Yes"]), StepOf(Some, Some), 0.99),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Use largestError for regression only."));
        Assert.That(
            () => RolloutGuards.PredictionDrift().Judge(
                ContextOf(TaskKind.Regression, []) with { ScoreEdges = [] }, StepOf(Some, Some), 0.99),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("It is not known what version 1 of 'm' predicted"));
    });

    [TestCase(1, 1)]
    [TestCase(1, 0.5)]
    [TestCase(0, 0)]
    [TestCase(1, double.NaN)]
    [TestCase(1, double.PositiveInfinity)]
    public void Performance_LargestErrorThatViolatesNothing_IsRefused(double atMostWorse, double largestError) => Assert.That(
        () => RolloutGuards.Performance(atMostWorse, largestError),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("largestError"));

    private static GuardFinding Judge(string guard, ArmEvidence candidate, ArmEvidence live, bool isRegression = false) =>
        Guards.Single(one => one.Name == guard).Judge(
            isRegression ? ContextOf(TaskKind.Regression, []) : ContextOf(TaskKind.BinaryClassification, ["No", "Yes"]),
            StepOf(candidate, live),
            0.99);

    private static RolloutContext ContextOf(TaskKind task, string[] classes) => new()
    {
        Model = "m",
        LiveVersion = 1,
        CandidateVersion = 2,
        Task = task,
        Classes = classes,
        ScoreEdges = task == TaskKind.Regression ? [12.5, 2_000.5] : [],
    };

    private static RolloutStep StepOf(ArmEvidence candidate, ArmEvidence live) =>
        new() { Share = 0.5, StartedAt = DateTimeOffset.UnixEpoch, Live = live, Candidate = candidate };
}
