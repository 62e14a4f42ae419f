using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Microsoft.ML;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>What trains with the FastTree package takes turns, whatever it is part of.</summary>
[TestFixture]
[NonParallelizable]
public sealed class TrainingGateTests
{
    private const string Begins = "Starting to train";

    private static IEnumerable<TestCaseData> Trainings()
    {
        yield return new TestCaseData((Func<Action<string>, int, CancellationToken, Task>)Pipeline).SetArgDisplayNames("pipeline");
        yield return new TestCaseData((Func<Action<string>, int, CancellationToken, Task>)Trainer).SetArgDisplayNames("trainer");
        yield return new TestCaseData((Func<Action<string>, int, CancellationToken, Task>)BuiltIn).SetArgDisplayNames("built-in");
    }

    [TestCaseSource(nameof(Trainings))]
    public async Task TrainAsync_Threads_AreThoseOfTheTraining(Func<Action<string>, int, CancellationToken, Task> train)
    {
        foreach (var threads in new[] { 3, 1, 2 })
        {
            var seen = new List<int>();
            await train(message => Note(message, seen), threads, default);

            Assert.That(seen, Is.Not.Empty.And.All.EqualTo(threads));
        }

        static void Note(string message, List<int> seen)
        {
            if (message.Contains(Begins, StringComparison.Ordinal)) seen.Add(FastTreeLibrary.Threads);
        }
    }

    // What the program itself trains beside us must not find 0 threads, nor those of our last training.
    [TestCaseSource(nameof(Trainings))]
    public async Task TrainAsync_Ended_LeavesTheThreadsAsTheyWere(Func<Action<string>, int, CancellationToken, Task> train)
    {
        using (await TrainingGate.FastTree.EnterAsync(null, default))
        {
            using var outer = FastTreeLibrary.Use(5);
        }

        var before = FastTreeLibrary.Threads;
        await train(_ => { }, before + 1, default);

        Assert.That(before, Is.Positive);
        Assert.That(FastTreeLibrary.Threads, Is.EqualTo(before));
    }

    [TestCaseSource(nameof(Trainings))]
    public async Task TrainAsync_WhileAnotherTrains_WaitsForItsTurn(Func<Action<string>, int, CancellationToken, Task> train)
    {
        Task? second = null;
        var events = new List<string>();
        await train(
            message =>
            {
                if (!message.Contains(Begins, StringComparison.Ordinal) || second is not null) return;
                // It is none that this training makes: that one would not wait.
                using (ExecutionContext.SuppressFlow())
                {
                    second = Task.Run(() => BuiltIn(
                        heard =>
                        {
                            if (heard.Contains(Begins, StringComparison.Ordinal)) events.Add($"second, {FastTreeLibrary.Threads}");
                        },
                        1,
                        default));
                }

                events.Add($"first, {FastTreeLibrary.Threads}");
            },
            2,
            default);
        await second!;

        Assert.That(events, Is.EqualTo(new[] { "first, 2", "second, 1" }));
    }

    [TestCaseSource(nameof(Trainings))]
    public async Task TrainAsync_CancelledWhileAnotherTrains_EndsWithoutWaiting(Func<Action<string>, int, CancellationToken, Task> train)
    {
        using var source = new CancellationTokenSource();
        using (await TrainingGate.FastTree.EnterAsync(null, default))
        {
            var heard = new ConcurrentQueue<string>();
            var training = train(heard.Enqueue, 1, source.Token);
            await source.CancelAsync();

            Assert.That(async () => await training, Throws.InstanceOf<OperationCanceledException>());
            Assert.That(heard, Has.None.Contains(Begins));
        }

        await train(_ => { }, 1, default);
    }

    [Test]
    public async Task TrainAsync_TrainingWithinATraining_DoesNotWaitForItself()
    {
        NestedTraining? nested = null;
        var trainer = MicrosoftML.Pipeline("nested", "1", (ml, settings) => PipelineSamples.Numbers(ml)
            .Append(nested = new NestedTraining(ml, "fast-tree"))
            .Append(ml.BinaryClassification.Trainers.FastTree(settings.Label, numberOfTrees: 2)));

        using var model = await trainer.TrainAsync(PipelineRows.Context(PipelineRows.Create(200)));

        Assert.That(nested!.Fits, Is.EqualTo(1));
    }

    [Test]
    public async Task EnterAsync_AfterATurn_IsNotWithinIt()
    {
        var gate = TrainingGate.FastTree;
        gate.Enter(null, default).Dispose();

        using var first = await gate.EnterAsync(null, default);
        using var source = new CancellationTokenSource();
        var second = gate.EnterAsync(null, source.Token);
        await source.CancelAsync();

        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Enter_WhileAnotherTrains_TakesNothingOfTheTimeBudget(bool blocks)
    {
        var gate = TrainingGate.FastTree;
        var time = new AskedTime();
        using var clock = new TrainingClock(TimeSpan.FromSeconds(10), time);
        var rows = TrainingRows.Context(TaskKind.Regression);
        var request = new TrainingContext { Task = rows.Task, Features = rows.Features, Labels = rows.Labels, Clock = clock };
        var first = await gate.EnterAsync(null, default);
        var second = blocks ? Task.Run(() => gate.Enter(request, default)) : gate.EnterAsync(request, default);
        Assert.That(() => time.Asked, Is.EqualTo(2).After(30_000, 1), "the budget is paused");
        clock.Pause().Dispose(); // after the pause that has begun

        time.Advance(TimeSpan.FromHours(1));
        first.Dispose();
        using var turn = await second;

        Assert.That(clock.Token.IsCancellationRequested, Is.False);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.That(clock.Token.IsCancellationRequested, Is.True, "its own time runs again");
    }

    private static async Task Pipeline(Action<string> heard, int threads, CancellationToken cancellationToken)
    {
        var context = PipelineRows.Context(PipelineRows.Create(300), logger: new ListeningLogger(heard), threads: threads);
        using var model = await MicrosoftML.Pipeline("gam", "1", (ml, settings) => PipelineSamples.Numbers(ml)
            .Append(ml.BinaryClassification.Trainers.Gam(settings.Label, numberOfIterations: 20))).TrainAsync(context, cancellationToken);
    }

    private static async Task Trainer(Action<string> heard, int threads, CancellationToken cancellationToken)
    {
        var trainer = MicrosoftML.Trainer("scaled", "1", (ml, settings) => ml.Transforms.NormalizeMinMax(settings.Features)
            .Append(ml.Regression.Trainers.FastForest(settings.Label, settings.Features, numberOfTrees: 3)));
        using var model = await trainer.TrainAsync(
            TrainingRows.Context(TaskKind.Regression, threads: threads, logger: new ListeningLogger(heard)), cancellationToken);
    }

    private static async Task BuiltIn(Action<string> heard, int threads, CancellationToken cancellationToken)
    {
        using var model = await Catalog.Small("gam").TrainAsync(
            TrainingRows.Context(TaskKind.BinaryClassification, threads: threads, logger: new ListeningLogger(heard)), cancellationToken);
    }

    /// <summary>A clock that counts how often it is read: once when a budget begins, once when it is paused.</summary>
    private sealed class AskedTime : FakeTimeProvider
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _asked);
            return base.GetTimestamp();
        }
    }
}
