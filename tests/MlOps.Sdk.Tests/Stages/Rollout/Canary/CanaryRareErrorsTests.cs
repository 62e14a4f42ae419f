using MlOps.Sdk.Problem;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Rollout;

/// <summary>The guards of a regression where errors and predictions have long tails, and an arm has few calls, by simulation.</summary>
[TestFixture]
public sealed class CanaryRareErrorsTests
{
    private const double FalseRollbacks = 0.01;
    private const int CallsPerCheck = 1_000;
    private const double Spike = 1_000;

    private static readonly double[] Shares = [0.05, 0.25, 0.5, 0.75, 0.95];

    public enum Tail
    {
        Normal,
        LogNormal,
        Spikes,
    }

    [TestCase(Tail.Normal, 1)]
    [TestCase(Tail.LogNormal, 1)]
    [TestCase(Tail.LogNormal, 1.5)]
    [TestCase(Tail.LogNormal, 2)]
    [TestCase(Tail.LogNormal, 2.5)]
    [TestCase(Tail.Spikes, 100)]
    [TestCase(Tail.Spikes, 200)]
    [TestCase(Tail.Spikes, 500)]
    [TestCase(Tail.Spikes, 2_000)]
    public void Judge_VersionsThatAreEqual_AreToldApartAsRarelyAsStated(Tail tail, double parameter)
    {
        var values = new Values(tail, parameter);
        RequireRate(
            [RolloutGuards.Performance(0), RolloutGuards.PredictionDrift(0)],
            values.Edges,
            10 * values.Mean,
            values.Of,
            values.Of);
    }

    [TestCase(500)]
    [TestCase(2_000)]
    public void Judge_RareLargeErrorsOfTheLiveVersionAlone_AreToldApartAsRarelyAsStated(double parameter)
    {
        // The mean error is the same: the candidate makes none that is large, and larger ones otherwise.
        var live = new Values(Tail.Spikes, parameter);
        RequireRate(
            [RolloutGuards.Performance(0, largestError: Spike)],
            live.Edges,
            Spike,
            live.Of,
            u => u + live.Mean - 0.5);
    }

    [TestCase(500)]
    [TestCase(2_000)]
    public void Judge_RareLargeErrorsOfTheCandidateAlone_AreToldApartAsRarelyAsStated(double parameter)
    {
        // The candidate is exactly at its limit: it must be found neither beyond nor within.
        var candidate = new Values(Tail.Spikes, parameter);
        RequireRate(
            [RolloutGuards.Performance(candidate.Mean - 0.5, largestError: Spike)],
            candidate.Edges,
            Spike,
            u => u,
            candidate.Of);
    }

    [TestCase(Tail.Normal, 1)]
    [TestCase(Tail.LogNormal, 1.5)]
    [TestCase(Tail.LogNormal, 2)]
    [TestCase(Tail.LogNormal, 2.5)]
    [TestCase(Tail.Spikes, 500)]
    [TestCase(Tail.Spikes, 2_000)]
    public void Judge_PredictionsExactlyAtTheLimit_AreToldApartAsRarelyAsStated(Tail tail, double parameter)
    {
        // A ninth of the candidate's predictions are above all deciles: up to the last one, it has 80 % where the live version has 90 %.
        var values = new Values(tail, parameter);
        RequireRate(
            [RolloutGuards.PredictionDrift()],
            values.Edges,
            Spike,
            values.Of,
            u => u < 1 / 9.0 ? 1e9 : values.Of((u * 9 - 1) / 8));
    }

    [TestCase(Tail.Normal, 1, 0.05, 9)]
    [TestCase(Tail.Normal, 1, 0.25, 4)]
    [TestCase(Tail.Normal, 1, 0.5, 4)]
    [TestCase(Tail.Normal, 1, 0.75, 4)]
    [TestCase(Tail.Normal, 1, 0.95, 12)]
    [TestCase(Tail.LogNormal, 1, 0.25, 8)]
    [TestCase(Tail.LogNormal, 1, 0.5, 8)]
    public void Judge_ErrorsHalfAsLargeAgain_AreFoundInSomeThousandCalls(Tail tail, double parameter, double share, int checks)
    {
        var errors = new Values(tail, parameter);
        RequireFound(
            share, checks, RolloutGuards.Performance(0.05 * errors.Mean), [0], 10 * errors.Mean, errors.Of, u => 1.5 * errors.Of(u));
    }

    [TestCase(0.05, 40)]
    [TestCase(0.25, 15)]
    [TestCase(0.5, 16)]
    [TestCase(0.75, 15)]
    [TestCase(0.95, 45)]
    public void Judge_PredictionsHalfAStandardDeviationHigher_AreFoundInSomeThousandCalls(double share, int checks) => RequireFound(
        share,
        checks,
        RolloutGuards.PredictionDrift(),
        [.. Enumerable.Range(1, 9).Select(i => Distribution.NormalQuantile(i / 10.0))],
        Spike,
        Distribution.NormalQuantile,
        u => Distribution.NormalQuantile(u) + 0.5);

    // However large a share of the calls the candidate has, no more rollouts than stated find what is not there, either way.
    private static void RequireRate(
        IRolloutGuard[] guards,
        double[] edges,
        double largest,
        Func<double, double> live,
        Func<double, double> candidate) => Assert.Multiple(() =>
    {
        var (rollouts, checks) = (LongForm.Of(300, 40), LongForm.Of(60, 20));
        var most = BinomialBound.Most(rollouts, FalseRollbacks);
        foreach (var share in Shares)
        {
            var (violated, kept) = (new int[guards.Length], new int[guards.Length]);
            for (var i = 0; i < rollouts; i++)
            {
                var simulation = new Simulation(i, share, edges, largest, live, candidate);
                var states = Array.ConvertAll(guards, _ => new HashSet<GuardState>());
                for (var check = 0; check < checks; check++)
                {
                    simulation.Serve();
                    for (var g = 0; g < guards.Length; g++) states[g].Add(simulation.Judge(guards[g]));
                }
                for (var g = 0; g < guards.Length; g++)
                {
                    if (states[g].Contains(GuardState.Violated)) violated[g]++;
                    if (states[g].Contains(GuardState.Kept)) kept[g]++;
                }
            }
            for (var g = 0; g < guards.Length; g++)
            {
                TestContext.Out.WriteLine(
                    $"{guards[g].Name}, share {share}: {violated[g]} violated and {kept[g]} kept of {rollouts}, {most} may be");
                Assert.That(violated[g], Is.LessThanOrEqualTo(most), $"{guards[g].Name} violated with a share of {share}, of {rollouts}");
                Assert.That(kept[g], Is.LessThanOrEqualTo(most), $"{guards[g].Name} kept with a share of {share}, of {rollouts}");
            }
        }
    });

    private static void RequireFound(
        double share,
        int checks,
        IRolloutGuard guard,
        double[] edges,
        double largest,
        Func<double, double> live,
        Func<double, double> candidate)
    {
        var needed = new List<int>();
        for (var i = 0; i < LongForm.Of(200, 20); i++)
        {
            var simulation = new Simulation(i, share, edges, largest, live, candidate);
            var check = 1;
            for (simulation.Serve(); simulation.Judge(guard) != GuardState.Violated; simulation.Serve())
            {
                Assert.That(++check, Is.LessThanOrEqualTo(checks), $"rollout {i}");
            }
            needed.Add(check);
        }
        needed.Sort();
        TestContext.Out.WriteLine($"share {share}: {needed[needed.Count / 2]} thousand calls in the middle, {needed[^1]} at most");
    }

    /// <summary>How errors, or predictions, are distributed, by their quantiles.</summary>
    private sealed class Values(Tail tail, double parameter)
    {
        public double Mean => tail switch
        {
            Tail.Normal => Math.Sqrt(2 / Math.PI),
            Tail.LogNormal => Math.Exp(parameter * parameter / 2),
            _ => (0.5 * (1 - 1 / parameter)) + (Spike / parameter),
        };

        public double[] Edges => [.. Enumerable.Range(1, 9).Select(i => Of(i / 10.0))];

        public double Of(double u) => tail switch
        {
            Tail.Normal => Distribution.NormalQuantile((1 + u) / 2),
            Tail.LogNormal => Math.Exp(parameter * Distribution.NormalQuantile(u)),
            _ => u >= 1 - (1 / parameter) ? Spike : u / (1 - (1 / parameter)),
        };
    }

    /// <summary>A step of a rollout. Errors and predictions are the same numbers: each guard looks at its own.</summary>
    private sealed class Simulation(
        int seed, double share, double[] edges, double largest, Func<double, double> live, Func<double, double> candidate)
    {
        private readonly Random _random = new(seed);
        private readonly (Moments Errors, long[] Counts) _live = (new Moments(), new long[edges.Length + 1]);
        private readonly (Moments Errors, long[] Counts) _candidate = (new Moments(), new long[edges.Length + 1]);

        public void Serve()
        {
            for (var call = 0; call < CallsPerCheck; call++)
            {
                var isCandidate = call < share * CallsPerCheck;
                var value = (isCandidate ? candidate : live)(_random.NextDouble());
                var (errors, counts) = isCandidate ? _candidate : _live;
                errors.Add(Math.Min(value, largest));
                counts[BinEdges.Find(value, edges)]++;
            }
        }

        public GuardState Judge(IRolloutGuard guard) => guard.Judge(
            new RolloutContext
            {
                Model = "m", LiveVersion = 1, CandidateVersion = 2, Task = TaskKind.Regression, Classes = [], ScoreEdges = edges,
            },
            new RolloutStep
            {
                Share = share, StartedAt = DateTimeOffset.UnixEpoch, Live = EvidenceOf(1, _live), Candidate = EvidenceOf(2, _candidate),
            },
            1 - FalseRollbacks).State;

        private ArmEvidence EvidenceOf(int version, (Moments Errors, long[] Counts) arm) => new()
        {
            Version = version,
            Calls = arm.Errors.Count,
            Scored = arm.Errors.Count,
            ScoreCounts = arm.Counts,
            Errors = arm.Errors.Count,
            LargestError = largest,
            MeanAbsoluteError = arm.Errors.Mean,
            AbsoluteErrorVariance = arm.Errors.Variance,
        };
    }
}
