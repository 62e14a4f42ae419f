using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Rollout;

/// <summary>How often a canary is rolled back by chance, and how soon a bad one is, by simulation of its checks.</summary>
[TestFixture]
public sealed class CanaryStrategyTests
{
    private const double FalseRollbacks = 0.05;
    private const int CallsPerCheck = 100;

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [TestCase(1)]
    [TestCase(19)]
    public void Decide_CandidateExactlyAtItsLimits_IsRolledBackAsRarelyAsStated(int liveCalls)
    {
        var rollouts = LongForm.Of(2_000, 100);
        var calls = liveCalls > 1 ? CallsPerCheck / 4 : CallsPerCheck;
        var rolledBack = RolledBack(rollouts, i => EndOf(i, atLimit: true, liveCalls: liveCalls, calls: calls));

        Assert.That(rolledBack, Is.LessThanOrEqualTo(Most(rollouts)));
    }

    [Test]
    public void Decide_RegressionExactlyAtItsLimits_IsRolledBackAsRarelyAsStated()
    {
        var rollouts = LongForm.Of(2_000, 200);
        var rolledBack = RolledBack(rollouts, i => EndOfRegression(i, worse: 0.1));
        var worse = RolledBack(20, i => EndOfRegression(i, worse: 0.4));

        Assert.That(rolledBack, Is.LessThanOrEqualTo(Most(rollouts)));
        Assert.That(worse, Is.EqualTo(20), "what is beyond the limit is found");
    }

    [Test]
    public void Decide_GuardOfOneLook_RollsBackMoreThanStated()
    {
        const int rollouts = 200;
        var rolledBack = RolledBack(rollouts, i => EndOf(i, atLimit: true, guard: new OneLookGuard(0.05)));

        Assert.That(rolledBack, Is.GreaterThan(Most(rollouts)), "the simulation notices an interval that is not made for many looks");
    }

    private static int RolledBack(int rollouts, Func<int, RolloutDecision> end) =>
        Enumerable.Range(0, rollouts).Count(i => end(i) is { Action: RolloutAction.KeepBack });

    private static int Most(int rollouts) => BinomialBound.Most(rollouts, FalseRollbacks);

    [Test]
    public void Decide_GoodCandidate_ReachesAllCalls()
    {
        for (var i = 0; i < 50; i++) Assert.That(EndOf(i, atLimit: false).Action, Is.EqualTo(RolloutAction.GoLive), $"rollout {i}");
    }

    [Test]
    public void Decide_CandidateWithSixTimesTheErrors_IsRolledBackWithinSomeHundredCalls()
    {
        for (var i = 0; i < 50; i++)
        {
            var decision = EndOf(i, atLimit: false, errors: 0.3);
            Assert.That(decision.Action, Is.EqualTo(RolloutAction.KeepBack), $"rollout {i}");
            Assert.That(decision.Findings[0].Upper, Is.LessThan(1), "it says how much worse");
        }
    }

    [Test]
    public void Decide_RequiredGuardWithoutEvidence_WaitsUntilThereIsSome()
    {
        var strategy = new CanaryStrategy(
            [new CanaryStep(0.5, TimeSpan.FromMinutes(1))], [(RolloutGuards.Performance(0.1), true)], FalseRollbacks, minimumCalls: 100);
        var arms = new Arms(1);
        for (var i = 0; i < 20; i++) arms.Serve(CallsPerCheck, 0.05, 0.05, 0, labels: false);

        var open = strategy.Decide(ContextOf([arms], 0.5, minutes: 30));
        for (var i = 0; i < 40; i++) arms.Serve(CallsPerCheck, 0.05, 0.05, 0, labels: true);
        var kept = strategy.Decide(ContextOf([arms], 0.5, minutes: 60));

        Assert.That((open.Action, kept.Action), Is.EqualTo((RolloutAction.Wait, RolloutAction.GoLive)), $"{open.Reason} | {kept.Reason}");
        Assert.That(open.Reason, Does.Contain("a required guard is not known to be kept yet: performance"));
    }

    [Test]
    public void Decide_FewDearDecisionsInASmallArm_AreNotTakenForNone()
    {
        // One decision in a hundred is worth something, and the candidate has a twentieth of the calls: it has none for a long time.
        var strategy = new CanaryStrategy(
            [new CanaryStep(0.05, TimeSpan.FromDays(1))],
            [(RolloutGuards.Value("value", (decision, label) => decision == "Yes" && label == "Yes" ? 100 : 0, 0.5), false)],
            FalseRollbacks,
            minimumCalls: 1);
        var rollouts = LongForm.Of(1_000, 200);
        var rolledBack = 0;
        for (var i = 0; i < rollouts; i++)
        {
            var random = new Random(i);
            long[][] live = [[0, 0], [0, 0]], candidate = [[0, 0], [0, 0]];
            for (var check = 0; check < 30; check++)
            {
                Serve(live, 950, random);
                Serve(candidate, 50, random);
                if (strategy.Decide(ContextOf(StepOf(live, candidate))).Action != RolloutAction.KeepBack) continue;
                rolledBack++;
                break;
            }
        }

        Assert.That(rolledBack, Is.LessThanOrEqualTo(Most(rollouts)));

        static void Serve(long[][] counts, int calls, Random random)
        {
            for (var call = 0; call < calls; call++)
            {
                var isDear = random.NextDouble() < 0.01 ? 1 : 0;
                counts[isDear][isDear]++;
            }
        }

        static RolloutStep StepOf(long[][] live, long[][] candidate) => new()
        {
            Share = 0.05,
            StartedAt = Start,
            Live = new ArmEvidence { Version = 1, Calls = live.Sum(row => row.Sum()), Labelled = live },
            Candidate = new ArmEvidence { Version = 2, Calls = candidate.Sum(row => row.Sum()), Labelled = candidate },
        };

        static RolloutContext ContextOf(RolloutStep step) => new()
        {
            Model = "m",
            LiveVersion = 1,
            CandidateVersion = 2,
            Task = TaskKind.BinaryClassification,
            Classes = ["No", "Yes"],
            Progress = new RolloutProgress { StartedAt = Start, Now = Start, Steps = [step] },
        };
    }

    [Test]
    public void Decide_BeforeItsTimeOrCalls_Waits()
    {
        var strategy = new CanaryStrategy(
            [new CanaryStep(0.1, TimeSpan.FromMinutes(10)), new CanaryStep(0.5, TimeSpan.FromMinutes(10))], [], FalseRollbacks, 200);
        var arms = new Arms(1);
        arms.Serve(199, 0, 0, 0, labels: false);

        var early = strategy.Decide(ContextOf([arms], 0.1, minutes: 9));
        var few = strategy.Decide(ContextOf([arms], 0.1, minutes: 11));
        arms.Serve(1, 0, 0, 0, labels: false);
        var next = strategy.Decide(ContextOf([arms], 0.1, minutes: 11));

        Assert.That(early.Reason, Is.EqualTo("it has had 10 % of the calls for 9 min of 10 min"));
        Assert.That(few.Reason, Is.EqualTo("it has answered 199 of the 200 calls that it needs"));
        Assert.That((next.Action, next.Share), Is.EqualTo((RolloutAction.Divide, 0.5)));
    }

    [TestCase(1_815, 5, "1.8 s of 5 s")]
    [TestCase(90_000, 7_200, "1.5 min of 2 h")]
    [TestCase(97_200_000, 180_000, "1.1 d of 2.1 d")]
    public void Decide_Baking_SaysForHowLong(int milliseconds, int bake, string text)
    {
        var strategy = new CanaryStrategy([new CanaryStep(0.2, TimeSpan.FromSeconds(bake))], [], FalseRollbacks, 0);
        var context = ContextOf([new Arms(1)], 0.2, minutes: 0);

        var decision = strategy.Decide(context with { Progress = context.Progress! with { Now = Start.AddMilliseconds(milliseconds) } });

        Assert.That(decision.Reason, Is.EqualTo($"it has had 20 % of the calls for {text}"));
    }

    // At the limits: errors and wrong decisions 5 points apart, decisions 10, groups 30, latencies twice as long.
    private static RolloutDecision EndOf(
        int seed, bool atLimit, double errors = 0.05, int liveCalls = 1, int calls = CallsPerCheck, IRolloutGuard? guard = null)
    {
        var strategy = new CanaryStrategy(
            [new CanaryStep(0.2, TimeSpan.FromMinutes(20)), new CanaryStep(0.5, TimeSpan.FromMinutes(40))],
            guard is not null ? [(guard, false)] :
            [
                (RolloutGuards.Errors(0.05), false), (RolloutGuards.Latency(0.9, 2), false), (RolloutGuards.PredictionDrift(0.1), false),
                (RolloutGuards.Bias("group", 0.3), false), (RolloutGuards.Performance(0.05), false),
                (RolloutGuards.Value("value", (decision, label) => decision == label ? 1 : 0, 0.05), false),
            ],
            FalseRollbacks,
            minimumCalls: 200);
        var steps = new List<Arms> { new(seed, liveCalls) };
        var shares = new List<double> { 0.2 };
        for (var minute = 1; ; minute++)
        {
            steps[^1].Serve(calls, 0.05, atLimit ? 0.1 : errors, atLimit ? 0.05 : 0, labels: true, gap: 0.3);
            var decision = strategy.Decide(ContextOf(steps, shares[^1], minute - ((steps.Count - 1) * 20), shares));
            if (decision.Action is RolloutAction.KeepBack or RolloutAction.GoLive) return decision;
            if (decision.Action != RolloutAction.Divide) continue;
            steps.Add(new Arms(seed + 100_000, liveCalls));
            shares.Add(decision.Share);
        }
    }

    // At the limits: predictions a fifth of a standard deviation apart, skewed errors a tenth of their mean larger.
    private static RolloutDecision EndOfRegression(int seed, double worse)
    {
        // The largest difference of the shares up to a decile is that at the median.
        var apart = Distribution.NormalTail(-0.2) - 0.5;
        var strategy = new CanaryStrategy(
            [new CanaryStep(0.5, TimeSpan.FromMinutes(60))],
            [(RolloutGuards.PredictionDrift(apart), false), (RolloutGuards.Performance(0.1), false)],
            FalseRollbacks,
            minimumCalls: 200);
        var random = new Random(seed);
        var (live, candidate) = (new Amounts(), new Amounts());
        for (var minute = 1; ; minute++)
        {
            live.Serve(random, CallsPerCheck, shift: 0, error: 1);
            candidate.Serve(random, CallsPerCheck, shift: 0.2, error: 1 + worse);
            var decision = strategy.Decide(new RolloutContext
            {
                Model = "m",
                LiveVersion = 1,
                CandidateVersion = 2,
                Task = TaskKind.Regression,
                Classes = [],
                ScoreEdges = Amounts.Edges,
                Progress = new RolloutProgress
                {
                    StartedAt = Start,
                    Now = Start.AddMinutes(minute),
                    Steps =
                    [
                        new RolloutStep
                        {
                            Share = 0.5, StartedAt = Start, Live = live.ToEvidence(1), Candidate = candidate.ToEvidence(2),
                        },
                    ],
                },
            });
            if (decision.Action is RolloutAction.KeepBack or RolloutAction.GoLive) return decision;
        }
    }

    private static RolloutContext ContextOf(List<Arms> steps, double share, int minutes, List<double>? shares = null) => new()
    {
        Model = "m",
        LiveVersion = 1,
        CandidateVersion = 2,
        Task = TaskKind.BinaryClassification,
        Classes = ["No", "Yes"],
        Progress = new RolloutProgress
        {
            StartedAt = Start,
            Now = Start.AddMinutes(minutes),
            Steps = [.. steps.Select((arms, i) => arms.ToStep(shares?[i] ?? share))],
        },
    };

    /// <summary>Calls of both arms: so many of the live version for each of the candidate.</summary>
    private sealed class Arms(int seed, int liveCalls = 1)
    {
        private readonly Random _random = new(seed);
        private readonly Counts _live = new();
        private readonly Counts _candidate = new();

        public void Serve(int calls, double errorsLive, double errorsCandidate, double worse, bool labels, double gap = 0)
        {
            // Where the candidate is at its limits, it is worse by as much as it may be in everything.
            _live.Serve(_random, calls * liveCalls, errorsLive, positives: 0.4, gap, wrong: 0.2, scale: 1, labels);
            _candidate.Serve(_random, calls, errorsCandidate, 0.4 + 2 * worse, gap, 0.2 + worse, worse > 0 ? 2 : 1, labels);
        }

        public RolloutStep ToStep(double share) => new()
        {
            Share = share,
            StartedAt = Start,
            Live = _live.ToEvidence(1),
            Candidate = _candidate.ToEvidence(2),
        };
    }

    private sealed class Counts
    {
        private readonly CallCounts _calls = new();
        private readonly long[] _decisions = new long[2];
        private readonly long[][] _labelled = [new long[2], new long[2]];
        private readonly Dictionary<string, (long Rows, long Positives)> _groups = new() { ["a"] = default, ["b"] = default };

        public void Serve(Random random, int calls, double errors, double positives, double gap, double wrong, double scale, bool labels)
        {
            for (var i = 0; i < calls; i++)
            {
                if (random.NextDouble() < errors)
                {
                    _calls.Failed++;
                    continue;
                }
                _calls.Add(LatencyBins.Of((long)(-Math.Log(1 - random.NextDouble()) * scale * 1e6)), 1);
                var group = random.Next(2) == 0 ? "a" : "b";
                var decision = random.NextDouble() < positives + (group == "a" ? gap / 2 : -gap / 2) ? 1 : 0;
                _decisions[decision]++;
                var (rows, of) = _groups[group];
                _groups[group] = (rows + 1, of + decision);
                if (labels) _labelled[decision][random.NextDouble() < wrong ? 1 - decision : decision]++;
            }
        }

        public ArmEvidence ToEvidence(int version) => new(_calls)
        {
            Version = version,
            Decisions = [.. _decisions],
            Labelled = [.. _labelled.Select(row => (IReadOnlyList<long>)[.. row])],
            Groups = new Dictionary<string, IReadOnlyList<GroupWindow>>
            {
                ["group"] = [.. _groups.Select(group => new GroupWindow(group.Key, group.Value.Rows, group.Value.Positives))],
            },
        };
    }

    /// <summary>Compares errors as if it looked once, with a level for itself alone.</summary>
    private sealed class OneLookGuard(double atMost) : IRolloutGuard
    {
        public string Name => "one look";

        public RolloutNeeds Needs { get; } = new();

        public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
        {
            var (ours, theirs) = ((double)step.Candidate.Failed / step.Candidate.Calls, (double)step.Live.Failed / step.Live.Calls);
            var error = Math.Sqrt(ours * (1 - ours) / step.Candidate.Calls + theirs * (1 - theirs) / step.Live.Calls);
            var interval = new ConfidenceInterval(ours - theirs - 1.96 * error, ours - theirs + 1.96 * error, 0.95);
            return Judgement.Judge(Name, ours - theirs, interval, atMost, "errors", "so many more");
        }
    }

    private sealed class Amounts
    {
        private const double LargestError = 10;

        private readonly long[] _scores = new long[10];
        private readonly Moments _errors = new();

        public static double[] Edges { get; } = [.. Enumerable.Range(1, 9).Select(i => Distribution.NormalQuantile(i / 10.0))];

        public void Serve(Random random, int calls, double shift, double error)
        {
            for (var i = 0; i < calls; i++)
            {
                var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                _scores[BinEdges.Find(shift + normal, Edges)]++;
                _errors.Add(Math.Min(LargestError, -error * Math.Log(1 - random.NextDouble())));
            }
        }

        public ArmEvidence ToEvidence(int version) => new()
        {
            Version = version,
            Calls = _errors.Count,
            Scored = _errors.Count,
            ScoreCounts = [.. _scores],
            Errors = _errors.Count,
            LargestError = LargestError,
            MeanAbsoluteError = _errors.Mean,
            AbsoluteErrorVariance = _errors.Variance,
        };
    }
}
