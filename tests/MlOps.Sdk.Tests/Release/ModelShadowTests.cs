using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Features;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ModelShadowTests
{
    private static readonly UnlabelledSubscriber[] Rows = [.. Subscriber.Draw(2_000, seed: 5).Select(UnlabelledSubscriber.Of)];

    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task DeployThree()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Actor = "ann");
        for (var i = 1; i <= 3; i++)
        {
            var run = await SampleLifecycle.Begin(Subscriber.Draw(500 + i * 100, i))
                .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable())
                .Monitored()
                .Build()
                .RunAsync(_workspace);
            Assert.That((run.Deployment!.Version, run.Deployment.IsDeployed), Is.EqualTo((i, true)), run.Deployment.Reason);
            _workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
        }
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    private Endpoint<UnlabelledSubscriber, Answer> Endpoint => _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);

    [Test]
    public async Task Divide_Shadow_IsComparedWithWhatCallersGotAndRecordedNowhereElse()
    {
        using var second = await _workspace.ReadPackageAsync(await _workspace.Models.GetAsync(SampleLifecycle.Name, 2));
        var split = await _workspace.Traffic.DivideAsync(
            SampleLifecycle.Name, [new("shadow", 2, 1, IsShadow: true), new("canary", 1, 0.5)], "compare");

        var answers = Rows[..600].Select(row => Endpoint.Predict(row)).ToArray();

        var summary = await SummaryAsync(rows: 600);
        var kept = (await _workspace.Traffic.ShadowAnswersAsync(SampleLifecycle.Name, 1_000)).ToDictionary(answer => answer.Id);
        await _workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var predictions = new PredictionTable(_workspace.Store);
        var (ofShadow, recorded) = (
            await predictions.CountAsync(SampleLifecycle.Name, version: 2), await predictions.CountAsync(SampleLifecycle.Name));
        Assert.Multiple(() =>
        {
            Assert.That(split.LiveShare, Is.EqualTo(0.5), "a shadow answers nobody");
            Assert.That(answers.Select(answer => answer.Version).Distinct(), Is.EquivalentTo(new[] { 1, 3 }));
            Assert.That((ofShadow, recorded), Is.EqualTo((0L, 600L)));
            Assert.That((summary.Version, summary.Errors, summary.Dropped), Is.EqualTo((2, 0L, 0L)));
            Assert.That(summary.LiveVersions, Is.EqualTo(new[] { 1, 3 }));
            Assert.That(summary.MaxDifference, Is.EqualTo(kept.Values.Max(answer => answer.Difference)));
            Assert.That(summary.MeanDifference, Is.EqualTo(kept.Values.Average(answer => answer.Difference!.Value)).Within(1e-12));
            Assert.That(summary.Changed, Is.EqualTo(kept.Values.Count(answer => answer.LiveLabel != answer.ShadowLabel)));
            Assert.That(summary.ChangedShare.Contains(summary.Changed / 600.0), Is.True);
            Assert.That(summary.MedianLatency, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(summary.Latency95));
            Assert.That(summary.Latency95, Is.LessThanOrEqualTo(summary.Latency99));
        });
        for (var i = 0; i < answers.Length; i++)
        {
            var answer = kept[answers[i].Id];
            var alone = ScoreOf(second, Rows[i]);
            Assert.That(
                (answer.LiveScore, answer.LiveVersion, answer.Arm, answer.LiveLabel, answer.ShadowVersion, answer.ShadowScore),
                Is.EqualTo((answers[i].Value.Score, answers[i].Version, answers[i].Arm, answers[i].Value.Leaves ? "Yes" : "No", 2, alone)));
        }
    }

    [Test]
    public async Task Divide_ShadowOfAShare_IsGivenThatShareByEveryWay()
    {
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("shadow", 2, 0.25, IsShadow: true)], "compare");

        var answers = new Prediction<Answer>[Rows.Length];
        Endpoint.PredictAll(Rows, answers);
        foreach (var row in Rows) _workspace.Endpoint(SampleLifecycle.Name).Predict(Values(row), key: "customer-7");

        var expected = Rows.Length * 2 * 0.25;
        var slack = 5 * Math.Sqrt(Rows.Length * 2 * 0.25 * 0.75);
        Assert.That(
            async () => (await _workspace.Traffic.ShadowAsync(SampleLifecycle.Name)).Sum(summary => summary.Rows),
            Is.EqualTo((long)expected).Within((long)slack).After(20_000, 50));
    }

    [Test]
    public async Task Shadow_ThatNeverReturns_MovesNoCallerAndNoDisposal()
    {
        using var blocked = new ManualResetEventSlim();
        try
        {
            await ShadowAsync(rows => blocked.Wait());
            var expected = Endpoint.Predict(Rows[0]).Value;
            var shadow = _workspace.SlotOf(SampleLifecycle.Name).Route!.Shadows[0].Shadow;

            // More than the queue holds, from several callers.
            var calls = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                for (var i = 0; i < 1_500; i++)
                {
                    if (Endpoint.Predict(Rows[0]).Value != expected) throw new InvalidOperationException("another answer");
                }

                return 1_500;
            })).ToArray());

            var summary = await SummaryAsync(rows: 0, dropped: 1);
            await _workspace.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));
            Assert.Multiple(() =>
            {
                Assert.That(calls.Sum(), Is.EqualTo(6_000));
                Assert.That(summary.Rows, Is.Zero);
                Assert.That(summary.Dropped, Is.InRange(6_001 - 4_096 - 1, 6_001 - 4_096), "one is in the model");
                Assert.That(shadow.Ended.IsCompleted, Is.False, "it is left behind");
            });
            blocked.Set();
            Assert.That(() => shadow.Ended.IsCompleted, Is.True.After(10_000, 20));
        }
        finally
        {
            blocked.Set();
        }
    }

    [Test]
    public async Task Shadow_ThatThrows_IsRecordedAsAnErrorAndNobodyHears()
    {
        await ShadowAsync(_ => throw new InvalidOperationException("out of order"));

        for (var i = 0; i < 50; i++) Endpoint.Predict(Rows[i]);
        Endpoint.PredictAll(Rows.AsSpan(50, 50), new Prediction<Answer>[50]);

        Assert.That(
            async () => (await _workspace.Traffic.ShadowAsync(SampleLifecycle.Name)).Sum(summary => summary.Errors),
            Is.EqualTo(100).After(10_000, 20));
        var answer = (await _workspace.Traffic.ShadowAnswersAsync(SampleLifecycle.Name, 1))[0];
        Assert.That(
            (answer.Error, answer.ShadowScore, answer.IsChanged, answer.Difference),
            Is.EqualTo(("out of order", (double?)null, false, (double?)null)));
    }

    [Test]
    public async Task Shadow_RowThatItsContractRejects_IsAnErrorOfTheShadowAlone()
    {
        using var read = await _workspace.ReadPackageAsync(await _workspace.Models.GetAsync(SampleLifecycle.Name, 2));
        var strict = PackageFile.Read(
            PackageFile.Write(new ModelPackage(read.Parts with
            {
                Inputs = new InputContract { OutOfDomain = InputHandling.Reject },
            })).Bytes,
            _workspace.Readers);
        Divide(strict);

        var answer = Endpoint.Predict(Rows[0] with { Age = 5_000 });
        Endpoint.Predict(Rows[1]);

        var summary = await SummaryAsync(rows: 1);
        Assert.That((answer.Version, answer.Flags, summary.Errors), Is.EqualTo((3, 0, 1L)));
    }

    [Test]
    public async Task PredictAll_LaterBlockFails_CopiesNothing()
    {
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("shadow", 2, 1, IsShadow: true)], "compare");
        var rows = Enumerable.Range(0, 2_000).Select(_ => Values(Rows[0])).ToArray();
        rows[^1]["age"] = "not a number";
        var endpoint = _workspace.Endpoint(SampleLifecycle.Name);

        Assert.That(() => endpoint.PredictAll(rows), Throws.TypeOf<MlOpsException>());
        endpoint.Predict(rows[0]);

        Assert.That((await SummaryAsync(rows: 1)).Errors, Is.Zero);
    }

    [Test]
    public async Task Shadow_OfTwoProcesses_IsSummedAndSurvivesARestart()
    {
        await using (var other = await Workspace.OpenAsync(_folder.Path))
        {
            await other.ServeAsync(SampleLifecycle.Name);
            await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("shadow", 2, 1, IsShadow: true)], "compare");
            await other.ServeAsync(SampleLifecycle.Name);
            foreach (var row in Rows[..100])
            {
                Endpoint.Predict(row);
                other.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(row);
            }

            await SummaryAsync(rows: 200);
        }

        await using var restarted = await Workspace.OpenAsync(_folder.Path);
        await restarted.ServeAsync(SampleLifecycle.Name);
        restarted.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(Rows[0]);
        var found = await restarted.Traffic.FindAsync(SampleLifecycle.Name);

        await SummaryAsync(rows: 201);
        Assert.That(found!.Arms, Is.EqualTo(new[] { new TrafficArm("shadow", 2, 1, IsShadow: true) }));
        Assert.That((await restarted.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Rollback_ToTheShadow_MakesItAnswerAndRecord()
    {
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("shadow", 2, 1, IsShadow: true)], "compare");
        var shadow = _workspace.SlotOf(SampleLifecycle.Name).Route!.Shadows[0].Shadow;
        Endpoint.Predict(Rows[0]);
        await SummaryAsync(rows: 1);

        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "it is better", version: 2);
        var answer = Endpoint.Predict(Rows[0]);

        await _workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        Assert.That((answer.Version, answer.Arm), Is.EqualTo((2, TrafficArm.Live)));
        Assert.That(await new PredictionTable(_workspace.Store).CountAsync(SampleLifecycle.Name, version: 2), Is.EqualTo(1));
        Assert.That(() => shadow.IsOver, Is.True.After(10_000, 20), "the division has ended");
    }

    [Test]
    public async Task Divide_AgainAndAgainWithShadowsDuringCalls_NoCallFailsAndNothingIsLost()
    {
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, LongForm.Of(many: 4, few: 2)).Select(_ => Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                if (Endpoint.Predict(Rows[i % Rows.Length]).Version != 3) throw new InvalidOperationException("a shadow answered");
            }
        })).ToArray();

        for (var i = 0; i < LongForm.Of(many: 100, few: 8); i++)
        {
            TrafficArm[] arms = (i % 4) switch
            {
                0 => [new("a", 1, 0.5, IsShadow: true)],
                1 => [new("a", 1, 1, IsShadow: true), new("b", 2, 1, IsShadow: true)],
                2 => [new("b", 2, 0.1, IsShadow: true)],
                _ => [],
            };
            await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, arms, "again");
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        var summaries = await _workspace.Traffic.ShadowAsync(SampleLifecycle.Name);
        Assert.That(summaries.Select(summary => (summary.Version, summary.Errors)), Is.SubsetOf(new[] { (2, 0L), (1, 0L) }));
    }

    [Test]
    public async Task Predict_CopiedToAShadow_AllocatesNothing()
    {
        using var blocked = new ManualResetEventSlim();
        try
        {
            await ShadowAsync(_ => blocked.Wait());
            var endpoint = Endpoint;
            endpoint.Predict(Rows[0]);
            long allocated = long.MaxValue;

            // While there is room, so that every call is copied; what is dropped is noted, too.
            for (var round = 0; round < 20 && allocated > 0; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < 100; i++) endpoint.Predict(Rows[i]);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.That(allocated, Is.Zero);
        }
        finally
        {
            blocked.Set();
        }
    }

    [Test]
    public async Task Insert_MoreThanAreKept_KeepsTheNewestOfTheModel()
    {
        var table = new ShadowTable(_workspace.Store, kept: 10);
        for (var i = 0; i < 7; i++)
        {
            await table.InsertAsync("one", [.. Enumerable.Range(0, 3).Select(k => Of(3 * i + k))], [(2, 5)], default);
        }

        await table.InsertAsync("other", [Of(99)], [], default);

        var kept = await table.ReadAsync("one", 100, default);
        Assert.That(kept.Select(row => row.At), Is.EqualTo(Enumerable.Range(11, 10).Reverse().Select(at => (long)at)));
        Assert.That(await table.DroppedAsync("one", default), Is.EqualTo(new Dictionary<int, long> { [2] = 35 }));
        Assert.That(await table.ReadAsync("other", 100, default), Has.Count.EqualTo(1));

        static ShadowRow Of(int at) => new() { Id = $"{PredictionId.New()}", At = at, Arm = "live", LiveVersion = 1, ShadowVersion = 2 };
    }

    [Test]
    public async Task Host_ThatServes_FollowsAShadow()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddMlOps(options => (options.Workspace, options.PromotionInterval) = (_folder.Path, TimeSpan.FromMilliseconds(100)))
            .AddEndpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        using var host = builder.Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredService<IEndpoint<UnlabelledSubscriber, Answer>>();
        Assert.That(() => endpoint.IsLive, Is.True.After(20_000, 20));
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("shadow", 2, 1, IsShadow: true)], "compare");

        Assert.That(
            async () =>
            {
                endpoint.Predict(Rows[0]);
                return (await _workspace.Traffic.ShadowAsync(SampleLifecycle.Name)).Sum(summary => summary.Rows);
            },
            Is.GreaterThan(3).After(20_000, 50));
        await host.StopAsync();
    }

    private static Dictionary<string, object?> Values(UnlabelledSubscriber row) => new()
    {
        ["age"] = row.Age, ["spend"] = row.Spend, ["plan"] = row.Plan, ["abroad"] = row.Abroad,
    };

    private static double ScoreOf(ModelPackage package, UnlabelledSubscriber row)
    {
        var slot = new ModelSlot("alone");
        slot.Swap(1, new ModelPackage(package.Parts), () => null);
        return new Endpoint<UnlabelledSubscriber, double>(slot).Predict(row).Value;
    }

    // The second version as a shadow, with a model that does something else first.
    private async Task ShadowAsync(Action<int> first)
    {
        var read = await _workspace.ReadPackageAsync(await _workspace.Models.GetAsync(SampleLifecycle.Name, 2));
        Divide(new ModelPackage(read.Parts with { Model = new TrainedModel(new Delaying(read.Model!, first), null) }));
    }

    private void Divide(ModelPackage package) => _workspace.SlotOf(SampleLifecycle.Name).Divide(
        generation: 77,
        [(new TrafficArm("shadow", 2, 1, IsShadow: true), () => package)],
        (_, _) => null,
        (arm, live) => _workspace.Shadows.New(SampleLifecycle.Name, arm.Name, live));

    private async Task<ShadowSummary> SummaryAsync(long rows, long dropped = 0)
    {
        IReadOnlyList<ShadowSummary> summaries = [];
        Assert.That(
            async () =>
            {
                summaries = await _workspace.Traffic.ShadowAsync(SampleLifecycle.Name);
                return (summaries.Sum(summary => summary.Rows), summaries.Sum(summary => summary.Dropped) >= dropped);
            },
            Is.EqualTo((rows, true)).After(20_000, 50));
        return summaries.Single();
    }

    private sealed class Delaying(IModel model, Action<int> first) : IModel
    {
        public ModelSignature Signature => model.Signature;

        public string FormatId => model.FormatId;

        public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
        {
            first(rows.RowCount);
            model.Predict(rows, output, scratch);
        }

        public void Save(System.Buffers.IBufferWriter<byte> to) => model.Save(to);

        public void Dispose() => model.Dispose();
    }
}
