using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Features;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ModelFallbackTests
{
    private static readonly UnlabelledSubscriber Row = UnlabelledSubscriber.Of(Subscriber.Draw(1, seed: 5)[0]);
    private static readonly CircuitOptions Quick = new()
    {
        FailureRatio = 0.5, MinimumThroughput = 4, SamplingDuration = TimeSpan.FromSeconds(10), BreakDuration = TimeSpan.FromSeconds(5),
    };

    private FakeTimeProvider _time = null!;
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;
    private Troubled _model = null!;

    [SetUp]
    public async Task DeployTwo()
    {
        _time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => (options.Actor, options.Time) = ("ann", _time));
        for (var i = 1; i <= 2; i++)
        {
            var run = await SampleLifecycle.Begin(Subscriber.Draw(500 + i * 100, i))
                .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable().CheckInputs(
                    inputs => inputs.OutOfDomain(InputHandling.Reject, slack: 10)))
                .Monitored()
                .Build()
                .RunAsync(_workspace);
            Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
            _workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
        }

        // The live version, with a model that fails when it is told to.
        var version = await _workspace.Models.GetAsync(SampleLifecycle.Name, 2);
        var read = await _workspace.ReadPackageAsync(version);
        _model = new Troubled(read.Model!);
        var package = new ModelPackage(read.Parts with { Model = new TrainedModel(_model, null) }, "troubled");
        _workspace.SlotOf(SampleLifecycle.Name).Swap(
            2, package, () => _workspace.Monitor(SampleLifecycle.Name).NewRecorder(2, package));
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _model.Dispose();
        _folder.Dispose();
    }

    private Endpoint<UnlabelledSubscriber, Answer> Endpoint => _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);

    private DynamicEndpoint ByName => _workspace.Endpoint(SampleLifecycle.Name);

    [TestCase(Trouble.Throws)]
    [TestCase(Trouble.GivesNaN)]
    public async Task Predict_VersionFails_AnotherVersionAnswers(Trouble trouble)
    {
        using var first = await _workspace.ReadPackageAsync(await _workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        var healthy = Endpoint.Predict(Row);
        var change = await _workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToVersion(1), "in case");
        var stillHealthy = Endpoint.Predict(Row);
        _model.Trouble = trouble;

        var answer = Endpoint.Predict(Row);
        var byName = ByName.PredictAll([Values, Values]);
        _model.Trouble = Trouble.None;
        var after = Endpoint.Predict(Row);

        await _workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = await new PredictionTable(_workspace.Store).ReadLatestAsync(SampleLifecycle.Name, 1, 10);
        Assert.Multiple(() =>
        {
            Assert.That((answer.Arm, answer.Version), Is.EqualTo(("fallback", 1)));
            Assert.That(answer.Value.Score, Is.Not.EqualTo(healthy.Value.Score));
            Assert.That(byName.Select(one => (one.Arm, one.Version, one.Value.Score)), Is.All.EqualTo(("fallback", 1, answer.Value.Score)));
            Assert.That(
                new[] { stillHealthy, after }.Select(one => (one.Arm, one.Version, one.Value)),
                Is.All.EqualTo((TrafficArm.Live, 2, healthy.Value)));
            Assert.That(recorded, Has.Count.EqualTo(3), "recorded as predictions of the version that answered");
        });
        Assert.That((await _workspace.Traffic.FindFallbackAsync(SampleLifecycle.Name)), Is.EqualTo(change));
        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Predict_VersionFails_AConstantAnswersAndIsNotRecorded()
    {
        await _workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToLabel("No"), "in case");
        _model.Trouble = Trouble.Throws;

        var answer = Endpoint.Predict(Row);
        var all = new Prediction<Answer>[300];
        Endpoint.PredictAll([.. Enumerable.Repeat(Row, 300)], all);
        await _workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToScore(0.9), "more careful");
        var byName = ByName.Predict(Values);

        await _workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = await new PredictionTable(_workspace.Store).CountAsync(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That((answer.Arm, answer.Version, answer.Value), Is.EqualTo(("fallback", 0, new Answer(0, false))));
            Assert.That(all.Select(one => (one.Arm, one.Version, one.Value)), Is.All.EqualTo(("fallback", 0, new Answer(0, false))));
            Assert.That(all.Select(one => one.Id).Distinct().Count(), Is.EqualTo(300));
            Assert.That((byName.Value.Label, byName.Value.Score, byName.Value.Scores), Is.EqualTo(("Yes", 0.9, new[] { 0.9 })));
            Assert.That(recorded, Is.Zero);
        });
    }

    [Test]
    public async Task Predict_ModelIsStopped_TheFallbackAnswers()
    {
        _workspace.UseFallback(SampleLifecycle.Name, row => row.Text("plan") == "monthly" ? new(Label: "Yes") : new(0.25));
        var called = _model.Calls;

        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");

        Assert.Multiple(() =>
        {
            Assert.That(Endpoint.Predict(Row with { Plan = "monthly" }).Value, Is.EqualTo(new Answer(1, true)));
            Assert.That(Endpoint.Predict(Row with { Plan = "yearly" }).Value, Is.EqualTo(new Answer(0.25, 0.25 >= Threshold)));
            Assert.That(ByName.Predict(Values) is { Arm: "fallback", Version: 0 }, Is.True);
            Assert.That(Endpoint.IsLive, Is.True);
            Assert.That(() => Endpoint.Predict(Row with { Age = int.MaxValue }), Throws.TypeOf<InputRejectedException>());
            Assert.That(_model.Calls, Is.EqualTo(called), "no version is called");
        });

        await _workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToVersion(1), "better than a rule");
        Assert.That(Endpoint.Predict(Row) is { Arm: "fallback", Version: 1 }, Is.True, "the registry has precedence");
        await _workspace.Traffic.RemoveFallbackAsync(SampleLifecycle.Name, "the rule again");
        Assert.That(Endpoint.Predict(Row).Version, Is.Zero);
        await _workspace.Traffic.ResumeAsync(SampleLifecycle.Name, "right");
        Assert.That(Endpoint.Predict(Row).Version, Is.EqualTo(2));
    }

    [Test]
    public void Model_ThatIsMistyped_IsNamed()
    {
        const string mistyped = "subscriberz";
        Func<Task>[] calls =
        [
            () => _workspace.Traffic.SetFallbackAsync(mistyped, ModelFallback.ToLabel("No"), "in case"),
            () => _workspace.Traffic.RemoveFallbackAsync(mistyped, "in case"),
            () => _workspace.Traffic.DivideAsync(mistyped, [new TrafficArm("b", 1, 0.5)], "to try"),
            () => _workspace.Models.RollbackAsync(mistyped, "to go back"),
            () => _workspace.ServeAsync(mistyped),
        ];

        Assert.Multiple(() =>
        {
            foreach (var call in calls)
            {
                Assert.That(
                    async () => await call(),
                    Throws.TypeOf<MlOpsException>().With.Message.Contains($"Did you mean '{SampleLifecycle.Name}'?"));
            }
        });
    }

    [Test]
    public async Task Predict_TooManyFailures_OpenTheCircuitAndOneCallTriesAgain()
    {
        var circuits = new List<string>();
        using var listener = Listen("mlops.circuits", "mlops.circuit.state", circuits);
        await _workspace.Traffic.SetFallbackAsync(
            SampleLifecycle.Name, ModelFallback.ToLabel("No") with { Circuit = Quick }, "in case");
        _model.Trouble = Trouble.Throws;

        for (var i = 0; i < 4; i++) Endpoint.Predict(Row);
        var called = _model.Calls;
        for (var i = 0; i < 50; i++) Assert.That(Endpoint.Predict(Row).Arm, Is.EqualTo("fallback"));
        var whileOpen = _model.Calls - called;
        var isOpen = _workspace.SlotOf(SampleLifecycle.Name).Current!.IsCircuitOpen;
        _time.Advance(Quick.BreakDuration + TimeSpan.FromSeconds(1));
        var stillTroubled = Endpoint.Predict(Row).Arm;
        var tried = _model.Calls - called;
        _model.Trouble = Trouble.None;
        var open = Endpoint.Predict(Row).Arm;
        _time.Advance(Quick.BreakDuration + TimeSpan.FromSeconds(1));
        var healed = Endpoint.Predict(Row);

        Assert.Multiple(() =>
        {
            Assert.That((whileOpen, isOpen, tried), Is.EqualTo((0, true, 1)));
            Assert.That((stillTroubled, open, healed.Arm, healed.Version), Is.EqualTo(("fallback", "fallback", TrafficArm.Live, 2)));
            Assert.That(_workspace.SlotOf(SampleLifecycle.Name).Current!.IsCircuitOpen, Is.False);
            Assert.That(circuits, Is.EqualTo(new[] { "open", "open", "closed" }));
        });
    }

    [Test]
    public async Task Predict_CallerGivesWhatIsWrong_IsNoFailureOfTheModel()
    {
        await _workspace.Traffic.SetFallbackAsync(
            SampleLifecycle.Name, ModelFallback.ToLabel("No") with { Circuit = Quick }, "in case");

        for (var i = 0; i < 50; i++)
        {
            Assert.That(() => Endpoint.Predict(Row with { Age = int.MaxValue }), Throws.TypeOf<InputRejectedException>());
            Assert.That(() => ByName.Predict(new Dictionary<string, object?>()), Throws.TypeOf<MlOpsException>());
            Assert.That(
                () => ByName.Predict(new Dictionary<string, object?>(Values) { ["abroad"] = "?" }), Throws.TypeOf<MlOpsException>());
        }

        Assert.That(Endpoint.Predict(Row).Arm, Is.EqualTo(TrafficArm.Live));
    }

    [Test]
    public async Task Predict_FallbackFailsToo_TellsBoth()
    {
        _workspace.UseFallback(
            SampleLifecycle.Name, row => row.Text("pln") is null ? new() : throw new InvalidOperationException(), Quick);
        _model.Trouble = Trouble.Throws;

        var failure = Assert.Throws<MlOpsException>(() => Endpoint.Predict(Row))!;
        var all = Assert.Throws<MlOpsException>(() => Endpoint.PredictAll([Row], new Prediction<Answer>[1]))!;
        _workspace.UseFallback(SampleLifecycle.Name, _ => new(7), Quick);
        var wrong = Assert.Throws<MlOpsException>(() => Endpoint.Predict(Row))!;
        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        var stopped = Assert.Throws<ModelStoppedException>(() => Endpoint.Predict(Row))!;

        Assert.Multiple(() =>
        {
            foreach (var both in new[] { failure, all })
            {
                Assert.That(both.Message, Does.Contain("out of order").And.Contains("fallback failed, too").And.Contains("'pln'"));
                Assert.That((both.InnerException as AggregateException)!.InnerExceptions, Has.Count.EqualTo(2));
            }

            Assert.That(wrong.Message, Does.Contain("The score of the fallback is 7"));
            Assert.That((stopped.Reason, stopped.InnerException is MlOpsException), Is.EqualTo(("wrong prices", true)));
        });
    }

    [Test]
    public async Task Fallback_OtherProcessesAndRestarts_FollowIt()
    {
        await using var other = await Workspace.OpenAsync(_folder.Path);
        await other.ServeAsync(SampleLifecycle.Name);
        await _workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToVersion(1), "in case");
        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        await using var restarted = await Workspace.OpenAsync(_folder.Path);

        foreach (var workspace in new[] { other, restarted })
        {
            await workspace.ServeAsync(SampleLifecycle.Name);
            var answer = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(Row);
            Assert.That((answer.Arm, answer.Version), Is.EqualTo(("fallback", 1)));
        }

        // A version does not stand in for itself.
        await other.Models.RollbackAsync(SampleLifecycle.Name, "back", version: 1);
        Assert.That(
            () => other.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(Row), Throws.TypeOf<ModelStoppedException>());
    }

    [Test]
    public async Task Host_WithARule_AnswersByIt()
    {
        var builder = Host.CreateApplicationBuilder();
        var mlops = builder.Services
            .AddMlOps(options => (options.Workspace, options.PromotionInterval) = (_folder.Path, TimeSpan.FromMilliseconds(100)))
            .AddEndpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name)
            .UseFallback(SampleLifecycle.Name, row => new(row.Number("age") / 1_000));
        using var host = builder.Build();
        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredService<IEndpoint<UnlabelledSubscriber, Answer>>();

        Assert.That(endpoint.Predict(Row).Value.Score, Is.EqualTo(Row.Age / 1_000.0));
        Assert.That(() => mlops.UseFallback(SampleLifecycle.Name, _ => new(0.5)), Throws.InvalidOperationException);
        await host.StopAsync();
    }

    [Test]
    public void SetFallback_NotOneOfTheModel_ChangesNothing()
    {
        Assert.Multiple(() =>
        {
            Rejects<MlOpsException>(ModelFallback.ToVersion(2), "stand in for itself");
            Rejects<MlOpsException>(ModelFallback.ToVersion(9), "no version 9");
            Rejects<MlOpsException>(ModelFallback.ToLabel("Noo"), "mean 'No'");
            Rejects<MlOpsException>(ModelFallback.ToScore(1.5), "probability");
            Rejects<MlOpsException>(ModelFallback.ToScore(double.NaN), "NaN");
            Rejects<MlOpsException>(new ModelFallback { Answer = new() }, "neither");
            Rejects<ArgumentException>(new ModelFallback(), "either");
            Rejects<ArgumentException>(new ModelFallback { Version = 1, Answer = new(0.5) }, "either");
            Rejects<ArgumentException>(Of(new() { FailureRatio = 0 }), "FailureRatio");
            Rejects<ArgumentException>(Of(new() { FailureRatio = double.NaN }), "FailureRatio");
            Rejects<ArgumentException>(Of(new() { MinimumThroughput = 1 }), "MinimumThroughput");
            Rejects<ArgumentException>(Of(new() { BreakDuration = TimeSpan.Zero }), "BreakDuration");
            Rejects<ArgumentException>(Of(new() { SamplingDuration = TimeSpan.FromDays(2) }), "SamplingDuration");
            Assert.That(
                () => _workspace.UseFallback(SampleLifecycle.Name, _ => new(0.5), new() { FailureRatio = 2 }), Throws.ArgumentException);
        });
        Assert.That(async () => await _workspace.Traffic.FindFallbackAsync(SampleLifecycle.Name), Is.Null);

        static ModelFallback Of(CircuitOptions circuit) => ModelFallback.ToScore(0.5) with { Circuit = circuit };

        void Rejects<T>(ModelFallback fallback, string why)
            where T : Exception => Assert.That(
            async () => await _workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, fallback, "x"),
            Throws.TypeOf<T>().With.Message.Contains(why));
    }

    [TestCase("UPDATE fallbacks SET fallback = replace(fallback, 'No', 'Yes')")]
    [TestCase("DELETE FROM fallbacks")]
    public async Task Fallback_RecordIsChangedBesideTheLog_IsFoundAndNotFollowed(string sql)
    {
        await _workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToLabel("No"), "in case");
        await _workspace.Store.WriteAsync(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteNonQuery();
        });
        await using var another = await Workspace.OpenAsync(_folder.Path);
        await another.ServeAsync(SampleLifecycle.Name);

        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Does.Contain("fallback"));
        Assert.That(another.SlotOf(SampleLifecycle.Name).StandIn, Is.Null);
        Assert.That(
            another.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(Row).Arm, Is.EqualTo(TrafficArm.Live));
    }

    [Test]
    public async Task Predict_HealthyBehindAFallback_AllocatesNothing()
    {
        await _workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToVersion(1), "in case");
        var endpoint = Endpoint;
        long allocated = long.MaxValue;
        for (var round = 0; round < 20 && allocated > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++) endpoint.Predict(Row);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public async Task Predict_FallbackChangesDuringFailingCalls_NoCallFails()
    {
        await _workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToVersion(1), "in case");
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, LongForm.Of(many: 4, few: 2)).Select(worker => Task.Run(() =>
        {
            var answers = new Prediction<Answer>[3];
            var arms = new HashSet<int>();
            while (!stop.IsCancellationRequested)
            {
                _model.Trouble = (Trouble)(worker % 3);
                Endpoint.PredictAll([Row, Row, Row], answers);
                arms.Add(answers[0].Version);
                if (answers.DistinctBy(answer => (answer.Version, answer.Value)).Count() > 1) throw new InvalidOperationException("mixed");
                arms.Add(Endpoint.Predict(Row).Version);
            }

            return arms;
        })).ToArray();

        for (var i = 0; i < LongForm.Of(many: 200, few: 10); i++)
        {
            await _workspace.Traffic.SetFallbackAsync(
                SampleLifecycle.Name, i % 2 == 0 ? ModelFallback.ToLabel("No") : ModelFallback.ToVersion(1), "again");
        }

        await stop.CancelAsync();
        Assert.That((await Task.WhenAll(callers)).SelectMany(arms => arms).Distinct(), Does.Contain(0).And.Contains(1));
    }

    private static MeterListener Listen(string name, string tag, List<string> values)
    {
        var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, of) =>
        {
            if (instrument.Name == name) of.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach (var one in tags)
            {
                if (one.Key == tag) values.Add((string)one.Value!);
            }
        });
        listener.Start();
        return listener;
    }

    private double Threshold => _workspace.SlotOf(SampleLifecycle.Name).Current!.Package.Decision.Threshold;

    private static Dictionary<string, object?> Values => new()
    {
        ["age"] = Row.Age, ["spend"] = Row.Spend, ["plan"] = Row.Plan, ["abroad"] = Row.Abroad,
    };

    public enum Trouble
    {
        None,
        Throws,
        GivesNaN,
    }

    private sealed class Troubled(IModel model) : IModel
    {
        private int _calls;

        public Trouble Trouble { get; set; }

        public int Calls => Volatile.Read(ref _calls);

        public ModelSignature Signature => model.Signature;

        public string FormatId => model.FormatId;

        public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
        {
            Interlocked.Increment(ref _calls);
            var trouble = Trouble;
            if (trouble == Trouble.Throws) throw new InvalidOperationException("out of order");
            model.Predict(rows, output, scratch);
            if (trouble == Trouble.GivesNaN) output.Fill(double.NaN);
        }

        public void Save(System.Buffers.IBufferWriter<byte> to) => model.Save(to);

        public void Dispose() => model.Dispose();
    }
}
