using System.Globalization;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Rollout;

/// <summary>A canary of a regression: what its guards are given, by each process that checks.</summary>
[TestFixture]
public sealed class CanaryRegressionTests
{
    private const string Name = "parcels";
    private static readonly TimeSpan Bake = TimeSpan.FromMinutes(10);

    private FakeTimeProvider _time = null!;
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task DeployFirstVersion()
    {
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        _folder = new TempFolder();
        _workspace = await OpenAsync();
        var run = await Define(seed: 1, price: 2, deployment => deployment.ToProcess()).RunAsync(_workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);

        // What can no more be compared may be replaced.
        _workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase(null)]
    [TestCase(4.5)]
    public async Task Check_InAnyProcess_CountsByTheDecilesOfTrainingAndBoundsErrors(double? declared)
    {
        var (here, elsewhere) = (new Watcher(declared), new Watcher(declared));
        var run = await Canary(price: 2, here).RunAsync(_workspace);
        Assert.That(run.Deployment!.IsRollingOut, Is.True, run.Deployment.Reason);
        var answers = await ServeAsync(600, typingErrors: 20);

        await Canary(price: 2, here).CheckRolloutAsync(_workspace);
        await using var other = await OpenAsync();
        await Canary(price: 2, elsewhere).CheckRolloutAsync(other);

        using var live = await PackageAsync(1);
        using var candidate = await PackageAsync(2);
        var largest = declared ?? 10 * Math.Max(live.Facts.MeanAbsoluteError!.Value, candidate.Facts.MeanAbsoluteError!.Value);
        var (context, step) = here.Seen;
        Assert.Multiple(() =>
        {
            Assert.That(context.ScoreEdges, Is.EqualTo(live.Baseline.Predictions[0].Bins.Edges.ToArray()));
            foreach (var arm in new[] { step.Live, step.Candidate })
            {
                var errors = answers.Where(answer => answer.Version == arm.Version).Select(a => Math.Min(a.Error, largest)).ToArray();
                Assert.That((arm.Errors, arm.LargestError), Is.EqualTo(((long)errors.Length, largest)));
                Assert.That(arm.MeanAbsoluteError, Is.EqualTo(errors.Average()).Within(1e-9));
                Assert.That((arm.ScoreCounts.Count, arm.ScoreCounts.Sum()), Is.EqualTo((10, (long)errors.Length)));
                Assert.That(arm.ScoreCounts, Has.All.InRange(0.03 * errors.Length, 0.2 * errors.Length), "about a tenth each");
            }
            Assert.That(elsewhere.Seen.Context.ScoreEdges, Is.EqualTo(context.ScoreEdges));
            Assert.That(elsewhere.Seen.Step.Candidate.ScoreCounts, Is.EqualTo(step.Candidate.ScoreCounts));
            Assert.That(elsewhere.Seen.Step.Candidate.MeanAbsoluteError, Is.EqualTo(step.Candidate.MeanAbsoluteError));
        });
    }

    [Test]
    public async Task Check_PackageMadeAgainDuringTheRollout_BoundsErrorsAsBefore()
    {
        await Canary(price: 2, new Watcher(null)).RunAsync(_workspace);
        await ServeAsync(100, typingErrors: 5);

        using var live = await PackageAsync(1);
        using var candidate = await PackageAsync(2);
        var told = await FirstAsync();
        Assert.That(told, Is.EqualTo(10 * Math.Max(live.Facts.MeanAbsoluteError!.Value, candidate.Facts.MeanAbsoluteError!.Value)));

        // As if the packages had told another error when the rollout began, none, or before the error was kept.
        foreach (var (kept, expected) in new[] { (1.5, 1.5), (double.PositiveInfinity, double.PositiveInfinity), ((double?)null, told) })
        {
            await _workspace.Store.WriteAsync(
                connection => connection.Execute("UPDATE rollouts SET largest_error = @kept", new { kept }), CancellationToken.None);
            await using var other = await OpenAsync();
            var watcher = new Watcher(null);
            await Canary(price: 2, watcher).CheckRolloutAsync(other);

            Assert.That(watcher.Seen.Step.Live.LargestError, Is.EqualTo(expected));
        }

        Task<double> FirstAsync() => _workspace.Store.ReadAsync(
            connection => connection.QueryFirst<double>("SELECT largest_error FROM rollouts ORDER BY no"), CancellationToken.None);
    }

    [Test]
    public async Task Check_CandidateThatPredictsTwiceAsMuch_IsRolledBack()
    {
        await Canary(price: 4).RunAsync(_workspace);
        var ended = await WatchAsync(Canary(price: 4));

        Assert.That(ended.State, Is.EqualTo(RolloutState.RolledBack), ended.Reason);
        Assert.That(
            ended.Findings.Where(finding => finding.State == GuardState.Violated).Select(finding => finding.Guard),
            Is.EqualTo(new[] { "prediction drift", "performance" }));
    }

    [Test]
    public async Task Check_GoodCandidateAndLabelsWithTypingErrors_GoesLive()
    {
        await Canary(price: 2).RunAsync(_workspace);
        var ended = await WatchAsync(Canary(price: 2), typingErrors: 2);

        Assert.That((ended.State, ended.Version), Is.EqualTo((RolloutState.Completed, 2)), ended.Reason);
    }

    private async Task<ModelRollout> WatchAsync(Lifecycle lifecycle, int typingErrors = 0)
    {
        for (var i = 0; ; i++)
        {
            await ServeAsync(800, typingErrors);
            _time.Advance(TimeSpan.FromMinutes(2));
            var rollout = (await lifecycle.CheckRolloutAsync(_workspace))!;
            if (rollout.State != RolloutState.Running || i == 12) return rollout;
        }
    }

    // Labels that somebody mistyped are a million times as large.
    private async Task<List<(int Version, double Error)>> ServeAsync(int calls, int typingErrors)
    {
        var endpoint = _workspace.Endpoint<UnlabelledParcel, double>(Name);
        var answers = new List<(int, double)>();
        var labels = new List<KeyValuePair<PredictionId, string>>();
        foreach (var parcel in Parcel.Draw(calls, 1_000 + _time.GetUtcNow().Minute, price: 2))
        {
            var answer = endpoint.Predict(new UnlabelledParcel(parcel.Weight, parcel.Distance));
            var label = answers.Count < typingErrors ? 1e6 * parcel.Cost : parcel.Cost;
            answers.Add((answer.Version, Math.Abs(answer.Value - label)));
            labels.Add(new(answer.Id, label.ToString("R", CultureInfo.InvariantCulture)));
        }
        await _workspace.Monitor(Name).LabelAsync(labels);
        return answers;
    }

    private async Task<ModelPackage> PackageAsync(int version) =>
        await _workspace.ReadPackageAsync(await _workspace.Models.GetAsync(Name, version), CancellationToken.None);

    private Task<Workspace> OpenAsync() => Workspace.OpenAsync(_folder.Path, options => options.Time = _time);

    private static Lifecycle Canary(double price, IRolloutGuard? guard = null) => Define(
        seed: 2,
        price,
        deployment => deployment.ToProcess().ReplaceIncomparable().RollAsCanary(canary =>
        {
            canary.Step(0.5, Bake);
            foreach (var one in guard is null ? [RolloutGuards.PredictionDrift(), RolloutGuards.Performance(0.5)] : new[] { guard })
            {
                canary.Guard(one);
            }
        }));

    private static Lifecycle Define(int seed, double price, Action<DeploymentBuilder> deploy) => LifecycleBuilder.Create(Name)
        .DefineProblem(problem => problem.Regression("cost"))
        .CollectData(data => data.FromObjects(Parcel.Draw(900, seed, price)))
        .ProcessData(data => data.Split(test: 0.25))
        .TrainModel(training => training.Try(Trainers.LinearRegression()).CrossValidate(2).Trials(0))
        .DeployModel(deploy)
        .MonitorModel(monitoring => monitoring.DataDrift())
        .Build();

    private sealed record UnlabelledParcel(double Weight, double Distance);

    private sealed record Parcel(double Weight, double Distance, double Cost)
    {
        public static Parcel[] Draw(int count, int seed, double price)
        {
            var random = new Random(seed);
            return
            [
                .. Enumerable.Range(0, count).Select(_ =>
                {
                    var (weight, distance) = (random.NextDouble() * 10, random.NextDouble() * 5);
                    return new Parcel(weight, distance, (price * (weight + distance)) + (4 * random.NextDouble()));
                }),
            ];
        }
    }

    /// <summary>Keeps what a guard is given.</summary>
    private sealed class Watcher(double? largestError) : IRolloutGuard
    {
        public string Name => "watcher";

        public RolloutNeeds Needs { get; } = new() { Labels = true, LargestError = largestError };

        public (RolloutContext Context, RolloutStep Step) Seen { get; private set; }

        public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
        {
            Seen = (context, step);
            return new GuardFinding(Name, GuardState.Open, 0, 0, 0, 0, "it watches");
        }
    }
}
