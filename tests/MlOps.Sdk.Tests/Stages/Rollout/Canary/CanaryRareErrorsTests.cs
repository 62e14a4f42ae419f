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
    public void Judge_VersionsThatAreEqual_AreToldApartAsRarelyAsStated(Tail tail, double parameter) => Assert.Multiple(() =>
    {
        // One error in 2,000 is told to be missing only after some 40,000 calls.
        var (rollouts, checks) = (LongForm.Of(1_000, tail == Tail.Spikes ? 100 : 40), LongForm.Of(60, parameter == 2_000 ? 45 : 20));
        foreach (var share in Shares)
        {
            var (worse, better, other) = (0, 0, 0);
            for (var i = 0; i < rollouts; i++)
            {
                var (performance, drift) = StatesOf(i, share, checks, random => Draw(random, tail, parameter), scale: 1, limit: 0);
                if (performance.Contains(GuardState.Violated)) worse++;
                if (performance.Contains(GuardState.Kept)) better++;
                if (drift.Contains(GuardState.Violated)) other++;
            }
            var most = BinomialBound.Most(rollouts, FalseRollbacks);

            Assert.That(worse, Is.LessThanOrEqualTo(most), $"told to be worse with a share of {share}, of {rollouts}");
            Assert.That(better, Is.LessThanOrEqualTo(most), $"told to be better with a share of {share}, of {rollouts}");
            Assert.That(other, Is.LessThanOrEqualTo(most), $"told to predict otherwise with a share of {share}, of {rollouts}");
        }
    });

    [TestCase(0.05, 7)]
    [TestCase(0.25, 3)]
    [TestCase(0.5, 3)]
    [TestCase(0.75, 3)]
    [TestCase(0.95, 7)]
    public void Judge_ErrorsHalfAsLargeAgain_AreFoundInSomeThousandCalls(double share, int checks)
    {
        for (var i = 0; i < LongForm.Of(200, 20); i++)
        {
            var (performance, drift) = StatesOf(i, share, checks, random => Draw(random, Tail.Normal, 1), scale: 1.5, limit: 0.05);

            Assert.That(performance, Does.Contain(GuardState.Violated), $"rollout {i}");
            Assert.That(drift, Does.Contain(GuardState.Violated), $"rollout {i}");
        }
    }

    [Test]
    public void Judge_FewerThan200RowsOfAVersion_TellNothing()
    {
        var (performance, drift) = StatesOf(1, 0.05, checks: 3, random => random.NextDouble(), scale: 100, limit: 0);

        Assert.That(performance, Is.EqualTo(new[] { GuardState.Open }), "150 rows of the candidate, 2,850 of the live version");
        Assert.That(drift, Is.EqualTo(new[] { GuardState.Open }));
    }

    // What the guards told until one of them found something, or the checks were over.
    private static (HashSet<GuardState> Performance, HashSet<GuardState> Drift) StatesOf(
        int seed, double share, int checks, Func<Random, double> draw, double scale, double limit)
    {
        const double level = 1 - FalseRollbacks;
        var (performance, drift) = (RolloutGuards.Performance(limit), RolloutGuards.PredictionDrift(limit));
        var random = new Random(seed);
        var (live, candidate) = (new Moments(), new Moments());
        var (states, driftStates) = (new HashSet<GuardState>(), new HashSet<GuardState>());
        var context = new RolloutContext
        {
            Model = "m", LiveVersion = 1, CandidateVersion = 2, Task = TaskKind.Regression, Classes = [],
        };
        for (var check = 0; check < checks; check++)
        {
            for (var call = 0; call < CallsPerCheck; call++)
            {
                if (call < share * CallsPerCheck) candidate.Add(scale * draw(random));
                else live.Add(draw(random));
            }
            var step = new RolloutStep
            {
                Share = share, StartedAt = DateTimeOffset.UnixEpoch, Live = EvidenceOf(1, live), Candidate = EvidenceOf(2, candidate),
            };
            states.Add(performance.Judge(context, step, level).State);
            driftStates.Add(drift.Judge(context, step, level).State);
        }

        return (states, driftStates);
    }

    // Errors and predictions are the same numbers: each guard looks at its own.
    private static ArmEvidence EvidenceOf(int version, Moments values) => new()
    {
        Version = version,
        Calls = values.Count,
        Scored = values.Count,
        MeanScore = values.Mean,
        ScoreVariance = values.Variance,
        Errors = values.Count,
        MeanAbsoluteError = values.Mean,
        AbsoluteErrorVariance = values.Variance,
    };

    private static double Draw(Random random, Tail tail, double parameter) => tail switch
    {
        Tail.Normal => Math.Abs(Normal(random)),
        Tail.LogNormal => Math.Exp(parameter * Normal(random)),
        _ => random.NextDouble() < 1 / parameter ? 1_000 : random.NextDouble(),
    };

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
