using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Features;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;
using NUnit.Framework;
using NUnit.Framework.Constraints;

namespace MlOps.Sdk.Tests.Deployment;

[TestFixture]
public sealed class EndpointTests
{
    private static readonly ITrainer[] Models = [Trainers.LogisticRegression(), Trainers.GradientBoosting()];

    [TestCaseSource(nameof(Models))]
    public async Task Predict_BoundFromAClassAndRecorded_AllocatesNothing(ITrainer trainer)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin(train: training => training.Try(trainer).CrossValidate(2).Trials(0))
            .Deployed()
            .Monitored()
            .Build()
            .RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        UnlabelledSubscriber[] rows = [.. Subscriber.Draw(500, seed: 2).Select(UnlabelledSubscriber.Of)];

        // The first round binds the class, and grows the buffers for missing values; a thread that moves to another processor may make
        // buffers there once. What a call allocates shows in every round.
        var allocated = long.MaxValue;
        var rounds = 0;
        while (rounds < 2 || (allocated > 0 && rounds < 6))
        {
            rounds++;
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var row in rows) endpoint.Predict(row);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = await new PredictionTable(workspace.Store).CountAsync(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That(allocated, Is.Zero);
            Assert.That(rows, Has.Some.Property("Spend").Null);
            Assert.That(recorded, Is.EqualTo(rounds * rows.Length));
        });
    }

    [TestCaseSource(nameof(Models))]
    public async Task PredictAll_RowsOfManyBlocks_AreAnsweredAndRecordedAsByPredict(ITrainer trainer)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin(train: training => training.Try(trainer).CrossValidate(2).Trials(0))
            .Deployed()
            .Monitored()
            .Build()
            .RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        UnlabelledSubscriber[] rows = [.. Subscriber.Draw(1_000, seed: 2).Select(UnlabelledSubscriber.Of)];
        var answers = new Prediction<Answer>[rows.Length + 1];

        endpoint.PredictAll(rows, answers);

        var predicted = rows.Select(endpoint.Predict).ToArray();
        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = (await new PredictionTable(workspace.Store).ReadLatestAsync(SampleLifecycle.Name, 1, 2 * rows.Length))
            .ToDictionary(row => row.Id);
        Assert.Multiple(() =>
        {
            Assert.That(answers[..^1].Select(answer => answer.Value), Is.EqualTo(predicted.Select(answer => answer.Value)));
            Assert.That(answers[..^1].Select(answer => answer.Id).ToHashSet(), Has.Count.EqualTo(rows.Length));
            Assert.That(answers[^1], Is.EqualTo(default(Prediction<Answer>)), "behind the rows");
            Assert.That(recorded, Has.Count.EqualTo(2 * rows.Length));
        });
        for (var i = 0; i < rows.Length; i++)
        {
            var (ofAll, alone) = (recorded[$"{answers[i].Id}"], recorded[$"{predicted[i].Id}"]);
            Assert.That(
                (ofAll.Row.ToArray(), ofAll.Score, ofAll.Decision),
                Is.EqualTo((alone.Row.ToArray(), alone.Score, alone.Decision)),
                $"row {i}");
        }
    }

    [TestCaseSource(nameof(Models))]
    public async Task PredictAll_AnswersAreStructsAndRecorded_AllocatesNothing(ITrainer trainer)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin(train: training => training.Try(trainer).CrossValidate(2).Trials(0))
            .Deployed()
            .Monitored()
            .Build()
            .RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        UnlabelledSubscriber[] rows = [.. Subscriber.Draw(700, seed: 2).Select(UnlabelledSubscriber.Of)];
        var answers = new Prediction<Answer>[rows.Length];

        var allocated = long.MaxValue;
        for (var round = 0; round < 2 || (allocated > 0 && round < 6); round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            endpoint.PredictAll(rows, answers);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public async Task PredictAll_RowThatCannotBePredicted_IsNamedAndNothingIsRecorded()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<Troubled, double>(SampleLifecycle.Name);
        var rows = Enumerable.Range(0, 600).Select(i => new Troubled(i == 300 ? null : () => "monthly")).ToArray();
        var answers = new Prediction<double>[rows.Length];

        var failure = Assert.Throws<MlOpsException>(() => endpoint.PredictAll(rows, answers));

        var table = new PredictionTable(workspace.Store);
        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = await table.CountAsync(SampleLifecycle.Name);
        endpoint.PredictAll(rows.AsSpan(301), answers);
        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var after = await table.CountAsync(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That(
                failure!.Message, Does.Contain("index 300 ").And.Contains("no plan").And.Contains("no row of the call is recorded"));
            Assert.That(failure.InnerException, Is.TypeOf<InvalidOperationException>());
            Assert.That((recorded, after), Is.EqualTo((0, 299)));
        });
    }

    [Test]
    public async Task PredictAll_ScoreThatIsNoNumber_NamesTheRow()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        using var read = await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        var slot = new ModelSlot("unsure");
        var package = new ModelPackage(read.Parts with { Model = new TrainedModel(new UnsureModel(read.Model!), null) });
        slot.Swap(1, package, () => null);
        var rows = Enumerable.Range(0, 400).Select(i => new UnlabelledSubscriber(i == 257 ? 79 : 20, 50, "monthly", true)).ToArray();

        Assert.That(
            () => new Endpoint<UnlabelledSubscriber, double>(slot).PredictAll(rows, new Prediction<double>[rows.Length]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("index 257 ").And.Message.Contains("NaN"));
    }

    [Test]
    public async Task PredictAll_RowsByColumnName_AnswersAsPredictAndNamesTheRowThatCannotBePredicted()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint(SampleLifecycle.Name);
        var rows = Enumerable.Range(0, 600).Select(i => new Dictionary<string, object?>
        {
            ["age"] = 20 + i % 60, ["spend"] = i / 3.0, ["plan"] = i % 2 == 0 ? "monthly" : "yearly", ["abroad"] = i % 3 == 0,
        }).ToArray();

        var answers = endpoint.PredictAll(rows);

        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var table = new PredictionTable(workspace.Store);
        var recorded = await table.CountAsync(SampleLifecycle.Name);
        var singly = rows.Select(row => endpoint.Predict(row).Value).ToArray();
        rows[400].Remove("plan");
        var failure = Assert.Throws<MlOpsException>(() => endpoint.PredictAll(rows));
        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(answer => answer.Value.Score), Is.EqualTo(singly.Select(answer => answer.Score)));
            Assert.That(answers.Select(answer => answer.Value.Label), Is.EqualTo(singly.Select(answer => answer.Label)));
            Assert.That(answers.Select(answer => answer.Id).Distinct().Count(), Is.EqualTo(600));
            Assert.That(recorded, Is.EqualTo(600));
            Assert.That(failure!.Message, Does.Contain("index 400 ").And.Contains("'plan'"));
            Assert.That(endpoint.PredictAll([]), Is.Empty);
            Assert.That(() => endpoint.PredictAll([null!]), Throws.ArgumentException.With.Message.Contains("index 0 is null"));
        });
    }

    [Test]
    public async Task PredictAll_NoRoomForAnswersOrRowThatIsNull_IsRefusedBeforeAnythingIsRead()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<Troubled, double>(SampleLifecycle.Name);
        var isRead = false;
        Troubled[] rows = [new(() => { isRead = true; return "monthly"; }), null!];

        Assert.Multiple(() =>
        {
            Assert.That(
                () => endpoint.PredictAll(rows, new Prediction<double>[1]),
                Throws.ArgumentException.With.Message.Contains("1 answers").And.Property("ParamName").EqualTo("answers"));
            Assert.That(
                () => endpoint.PredictAll(rows, new Prediction<double>[2]),
                Throws.ArgumentException.With.Message.Contains("index 1 is null"));
            Assert.That(isRead, Is.False);
            Assert.That(() => endpoint.PredictAll([], []), Throws.Nothing);
            Assert.That(
                () => workspace.Endpoint<Troubled, double>("unknown").PredictAll([], []), Throws.TypeOf<ModelNotLiveException>());
        });
    }

    [Test]
    public async Task PredictAll_VersionIsSwappedMeanwhile_AnswersAllWithTheFirst()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var bytes = await workspace.Artifacts.ReadAllAsync((await workspace.Models.GetAsync(SampleLifecycle.Name, 1)).PackageId);
        var slot = new ModelSlot("swapped");
        slot.Swap(1, PackageFile.Read(bytes, workspace.Readers), () => null);
        var endpoint = new Endpoint<Troubled, double>(slot);
        var rows = Enumerable.Range(0, 600).Select(i => new Troubled(() =>
        {
            if (i == 200 && endpoint.Version == 1) slot.Swap(2, PackageFile.Read(bytes, workspace.Readers), () => null);
            return "monthly";
        })).ToArray();
        var answers = new Prediction<double>[rows.Length];

        endpoint.PredictAll(rows, answers);

        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(answer => answer.Version), Has.All.EqualTo(1));
            Assert.That(endpoint.Version, Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Swap_SlotIsDisposedOfMeanwhile_LeavesNothingLive()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        using var read = await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        var model = new CountingModel(read.Model!);
        var slot = new ModelSlot("closed");

        slot.Swap(1, new ModelPackage(read.Parts with { Model = new TrainedModel(model, null) }), () =>
        {
            slot.Dispose();
            return null;
        });

        Assert.That((slot.Current, model.Disposals), Is.EqualTo(((LiveModel?)null, 1)));
        Assert.That(() => new Endpoint<UnlabelledSubscriber, double>(slot).Predict(new(30, 40, "monthly", true)),
            Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Enter_AfterTheLastCallOfARetiredVersion_DisposesOnce()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        using var read = await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        var model = new CountingModel(read.Model!);
        var package = new ModelPackage(read.Parts with { Model = new TrainedModel(model, null) });
        var live = new LiveModel(1, package, null, VersionCalls.Of("unsure", 1));

        live.Retire();
        var scorers = new[] { live.Enter(), live.Enter() };

        Assert.That((scorers, model.Disposals), Is.EqualTo((new ModelScorer?[] { null, null }, 1)));
    }

    [Test]
    public async Task Predict_WhileVersionsAreSwapped_NeverFailsAndNeverMixes()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var version = await workspace.Models.GetAsync(SampleLifecycle.Name, 1);
        var bytes = await workspace.Artifacts.ReadAllAsync(version.PackageId);
        var host = new ModelSlot("swapped");
        var endpoint = new Endpoint<UnlabelledSubscriber, Answer>(host);
        var packages = new List<ModelPackage>();
        ModelPackage Read()
        {
            var package = PackageFile.Read(bytes, workspace.Readers);
            packages.Add(package);
            return package;
        }

        host.Swap(1, Read(), () => null);
        var row = new UnlabelledSubscriber(40, 55, "monthly", true);
        var expected = endpoint.Predict(row).Value.Score;
        using var stop = new CancellationTokenSource();
        var begun = Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource()).ToArray();
        var callers = begun.Select(first => Task.Run(() =>
        {
            var calls = 0;
            var last = 0;
            while (!stop.IsCancellationRequested)
            {
                var answer = endpoint.Predict(row);
                if (answer.Value.Score != expected) throw new InvalidOperationException($"{answer.Value.Score} instead of {expected}");
                if (answer.Version < last) throw new InvalidOperationException("an older version after a newer one");
                last = answer.Version;
                calls++;
                first.TrySetResult();
            }

            return calls;
        })).ToArray();

        // A caller ends before it is stopped only when it fails.
        await Task.WhenAny([Task.WhenAll(begun.Select(first => first.Task)), .. callers]);
        for (var next = 2; next <= 60; next++) host.Swap(next, Read(), () => null);
        await stop.CancelAsync();
        var calls = await Task.WhenAll(callers);

        Assert.Multiple(() =>
        {
            Assert.That(calls, Has.All.Positive);
            Assert.That(endpoint.Version, Is.EqualTo(60));
        });
    }

    [Test]
    public async Task Predict_ClassWithoutAColumn_ListsWhatIsMissing()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);

        Assert.That(
            () => workspace.Endpoint<AgeOnly, double>(SampleLifecycle.Name).Predict(new AgeOnly(3)),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains("'spend'")
                .And.Message.Contains("'plan'")
                .And.Message.Contains("'abroad'"));
    }

    [Test]
    public async Task Predict_ByName_ChecksNamesAndTypes()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint(SampleLifecycle.Name);
        var row = new Dictionary<string, object?>
        {
            ["age"] = 40, ["spend"] = null, ["plan"] = "never seen", ["abroad"] = true, ["ignored"] = new object()
        };

        Assert.Multiple(() =>
        {
            Assert.That(endpoint.Predict(row).Value.Score, Is.InRange(0, 1));
            Assert.That(
                () => endpoint.Predict(new Dictionary<string, object?>(row) { ["age"] = "old" }),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("'age'").And.Message.Contains("number"));
            row.Remove("plan");
            Assert.That(() => endpoint.Predict(row), Throws.TypeOf<MlOpsException>().With.Message.Contains("has no 'plan'"));
            Assert.That(
                () => endpoint.Predict(new Dictionary<string, object?>(row) { ["Plan"] = "yearly" }),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("It has 'Plan', and names are case-sensitive"));
            Assert.That(
                endpoint.Predict(new Dictionary<string, object?>(row) { ["plan"] = "yearly" }).Value.Score,
                Is.InRange(0, 1),
                "a failed call leaves nothing behind");
        });
    }

    [Test]
    public async Task Predict_SameValueByEveryWay_GivesTheSameScore()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin(features: features => features.Numeric(["age"]).OneHot(["spend", "abroad", "plan"], maxLevels: 2_000))
            .Deployed().Build().RunAsync(workspace);
        var spend = Subscriber.Draw(1_000, seed: 1).First(row => row.Spend is not null && (float)row.Spend != row.Spend).Spend;
        var endpoint = workspace.Endpoint(SampleLifecycle.Name);
        double Of(object? age, object? spend, object? abroad) => endpoint
            .Predict(new Dictionary<string, object?> { ["age"] = age, ["spend"] = spend, ["plan"] = "monthly", ["abroad"] = abroad })
            .Value.Score;
        double OfClass<T>(T row) => workspace.Endpoint<T, double>(SampleLifecycle.Name).Predict(row).Value;
        static JsonElement Json(object? value) => JsonSerializer.SerializeToElement(value);

        Assert.Multiple(() =>
        {
            var half = Of(40.5, spend, true);
            Assert.That(half, Is.Not.EqualTo(Of(40, spend, true)).And.Not.EqualTo(Of(41, spend, true)), "a fraction of what was whole");
            Assert.That(Of(40.5m, (float)spend!, 1), Is.EqualTo(half));
            Assert.That(Of(Json(40.5), Json(spend), Json(true)), Is.EqualTo(half));
            Assert.That(
                OfClass(new { Age = 40.5f, Spend = (float?)spend, Plan = "monthly", Abroad = (byte)1 }), Is.EqualTo(half), "a class");

            var none = Of(null, null, false);
            Assert.That(none, Is.Not.EqualTo(Of(null, 12_345.0, false)), "missing is no level never seen");
            Assert.That(Of(double.NaN, double.NaN, 0), Is.EqualTo(none));
            Assert.That(Of(DBNull.Value, DBNull.Value, -0.0), Is.EqualTo(none));
            Assert.That(Of(Json(null), default(JsonElement), Json(0)), Is.EqualTo(none));
            Assert.That(OfClass(new { age = (object?)null, spend = float.NaN, PLAN = "monthly", Abroad = 0m }), Is.EqualTo(none));
        });
    }

    [Test]
    public async Task Predict_WorkspaceIsDisposedOf_SaysSo()
    {
        using var folder = new TempFolder();
        var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        await workspace.DisposeAsync();

        Assert.Multiple(() =>
        {
            Assert.That(() => endpoint.Predict(new(30, 40, "monthly", true)), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => workspace.Endpoint(SampleLifecycle.Name), Throws.TypeOf<ObjectDisposedException>());
        });
    }

    [Test]
    public async Task Predict_DefaultId_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(
                () => workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(new(30, 40, "monthly", true), default),
                Throws.ArgumentException);
            Assert.That(
                () => workspace.Endpoint(SampleLifecycle.Name).Predict(new Dictionary<string, object?>(), default(PredictionId)),
                Throws.ArgumentException);
        });
    }

    [Test]
    public async Task Predict_AnswerTypes_AreFilledByName()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var row = new UnlabelledSubscriber(40, 79, "monthly", true);
        var score = workspace.Endpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name).Predict(row).Value;

        Assert.Multiple(() =>
        {
            Assert.That(score, Is.GreaterThan(0.5));
            Assert.That(workspace.Endpoint<UnlabelledSubscriber, bool>(SampleLifecycle.Name).Predict(row).Value, Is.True);
            Assert.That(workspace.Endpoint<UnlabelledSubscriber, string>(SampleLifecycle.Name).Predict(row).Value, Is.EqualTo("Yes"));
            var all = workspace.Endpoint<UnlabelledSubscriber, FullAnswer>(SampleLifecycle.Name).Predict(row).Value;
            Assert.That((all.Probability, all.Label, all.Scores), Is.EqualTo(((float)score, "Yes", new[] { score })));
            Assert.That(
                () => workspace.Endpoint<UnlabelledSubscriber, DateTime>(SampleLifecycle.Name).Predict(row),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("DateTime"));
        });
    }

    [Test]
    public async Task Predict_AnswerMemberThatNothingFills_NamesTheNearestWord()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var row = new UnlabelledSubscriber(40, 79, "monthly", true);
        Action Asking<T>() => () => workspace.Endpoint<UnlabelledSubscriber, T>(SampleLifecycle.Name).Predict(row);
        T Ask<T>() => workspace.Endpoint<UnlabelledSubscriber, T>(SampleLifecycle.Name).Predict(row).Value;

        Assert.Multiple(() =>
        {
            Assert.That(
                Asking<Misspelt>(),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("Misspelt.Scor.").And.Message.Contains("mean Score?"));
            Assert.That(
                Asking<MisspeltParameter>(),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("Probabilty").And.Message.Contains("mean Probability?"));
            Assert.That(
                Asking<WrongType>(), Throws.TypeOf<MlOpsException>().With.Message.Contains("WrongType.Score. It is String"));
            Assert.That(Asking<IAnswer>(), Throws.TypeOf<MlOpsException>().With.Message.Contains("IAnswer cannot be created"));
            Assert.That(Asking<Abstract>(), Throws.TypeOf<MlOpsException>().With.Message.Contains("Abstract cannot be created"));
            Assert.That(
                Asking<OnlyIgnored>(), Throws.TypeOf<MlOpsException>().With.Message.Contains("OnlyIgnored cannot be created"));
            Assert.That(Ask<HidingAnswer>().Score, Is.GreaterThan(0.5), "a hidden member needs no value");
            Assert.That(Ask<HidingAnswer>().Leaves, Is.True, "inherited");
            Assert.That(Ask<HidingAnswer>().Probabilities, Has.Count.EqualTo(1));
            Assert.That(Ask<StructAnswer>(), Is.EqualTo(new StructAnswer { Probability = (float)Ask<double>(), Class = "Yes" }));
            Assert.That(Ask<double?>(), Is.EqualTo(Ask<double>()));
            Assert.That(Ask<OfBoth>().Label, Is.EqualTo("Yes"), "beside the constructor");
            Assert.That(Ask<OfBoth>().Score, Is.GreaterThan(0.5));
            Assert.That(Ask<OfBoth>().Note, Is.EqualTo("mine"));
            Assert.That(Ask<Fields>().Score, Is.EqualTo(Ask<double>()), "a public field is filled");
            Assert.That(
                Asking<UnknownField>(),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("UnknownField.Scor.").And.Message.Contains("mean Score?"));
            foreach (var asking in new[] { Asking<ReadOnlyField>(), Asking<PrivateSetter>(), Asking<NoSetter>() })
            {
                Assert.That(asking, Throws.TypeOf<MlOpsException>().With.Message.Contains(".Score cannot be filled"));
            }

            Assert.That(Ask<OfConstructor>().Score, Is.EqualTo(Ask<double>()), "a parameter fills it");
            Assert.That(Ask<OfConstructor>().Probability, Is.EqualTo(2 * Ask<double>()), "it is computed");
        });
    }

    [Test]
    public async Task Predict_AnswerOfTwoBooleans_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var row = new UnlabelledSubscriber(40, 79, "monthly", true);
        Action Asking<T>() => () => workspace.Endpoint<UnlabelledSubscriber, T>(SampleLifecycle.Name).Predict(row);
        IResolveConstraint Refused() =>
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Leaves and Stays").And.Message.Contains("Ignore = true");

        Assert.Multiple(() =>
        {
            Assert.That(Asking<TwoParameters>(), Refused());
            Assert.That(Asking<TwoProperties>(), Refused());
            Assert.That(Asking<OneOfEach>(), Refused());
            Assert.That(Asking<OneIsIgnored>(), Throws.Nothing);
        });
    }

    [Test]
    public async Task Predict_AnswerOfOneValueThatIsNone_SaysWhatIs()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var row = new UnlabelledSubscriber(40, 79, "monthly", true);
        Action Asking<T>() => () => workspace.Endpoint<UnlabelledSubscriber, T>(SampleLifecycle.Name).Predict(row);
        IResolveConstraint Refused() => Throws.TypeOf<MlOpsException>().With.Message.Contains("A prediction is not of the type ")
            .And.Message.Contains("Use bool, string or double");

        Assert.Multiple(() =>
        {
            Assert.That(Asking<int>(), Refused());
            Assert.That(Asking<decimal>(), Refused(), "its digits would be those of a float");
            Assert.That(Asking<decimal?>(), Refused());
            Assert.That(Asking<DayOfWeek>(), Refused());
        });
    }

    [Test]
    public async Task Predict_RowIsADictionaryOrAnObject_NamesTheEndpointForThem()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        IResolveConstraint Refused() => Throws.TypeOf<MlOpsException>().With.Message.Contains("workspace.Endpoint(name)");

        Assert.Multiple(() =>
        {
            Assert.That(() => workspace.Endpoint<Dictionary<string, object?>, bool>(SampleLifecycle.Name).Predict([]), Refused());
            Assert.That(() => workspace.Endpoint<object, bool>(SampleLifecycle.Name).Predict(new { Age = 1 }), Refused());
        });
    }

    [Test]
    public async Task Predict_PromotedButNotServed_NamesServeAsync()
    {
        using var folder = new TempFolder();
        await using (var first = await Workspace.OpenAsync(folder.Path)) await SampleLifecycle.Begin().Deployed().Build().RunAsync(first);
        await using var second = await Workspace.OpenAsync(folder.Path);

        Assert.That(
            () => second.Endpoint<UnlabelledSubscriber, bool>(SampleLifecycle.Name).Predict(new(40, 79, "monthly", true)),
            Throws.TypeOf<ModelNotLiveException>().With.Message.Contains($"workspace.ServeAsync(\"{SampleLifecycle.Name}\")"));
    }

    [Test]
    public async Task Serve_InAnotherProcessOrLater_TakesThePromotedVersion()
    {
        using var folder = new TempFolder();
        double expected;
        await using (var first = await Workspace.OpenAsync(folder.Path))
        {
            await SampleLifecycle.Begin().Deployed().Build().RunAsync(first);
            expected = first.Endpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name).Predict(new(33, 44, "yearly", false)).Value;
        }

        await using var second = await Workspace.OpenAsync(folder.Path);
        Assert.That(async () => await second.ServeAsync("unknown"), Throws.TypeOf<MlOpsException>().With.Message.Contains("unknown"));
        await second.ServeAsync(SampleLifecycle.Name);

        Assert.That(
            second.Endpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name).Predict(new(33, 44, "yearly", false)).Value,
            Is.EqualTo(expected));
    }

    [Test]
    public void PredictionIds_NewAndFromKeys_AreUniqueAndStable()
    {
        var drawn = Enumerable.Range(0, 10_000).Select(_ => PredictionId.New()).ToArray();
        var ids = drawn.ToHashSet();
        string[] times = [.. drawn.Select(id => id.ToString()[..12])];

        Assert.Multiple(() =>
        {
            Assert.That(ids, Has.Count.EqualTo(10_000));
            Assert.That(
                ids.Select(id => id.ToString()[16..]).Order().Zip(ids.Select(id => id.ToString()[16..]))
                    .Count(pair => pair.First == pair.Second),
                Is.LessThan(100),
                "the order of two ids says nothing");
            Assert.That(
                times.Zip(times.Skip(1)).Count(pair => string.CompareOrdinal(pair.First, pair.Second) > 0),
                Is.LessThanOrEqualTo(1),
                "a table appends them; the time may begin again once");
            Assert.That(new[] { "order 1", "order 1", "order 2" }.Select(PredictionId.FromKey).Distinct().Count(), Is.EqualTo(2));
            Assert.That(PredictionId.Parse(PredictionId.FromKey("x").ToString()), Is.EqualTo(PredictionId.FromKey("x")));
            Assert.That(() => PredictionId.Parse("x"), Throws.TypeOf<FormatException>());
            Assert.That(() => PredictionId.FromKey("\ud800"), Throws.ArgumentException, "it would have the id of \\ud801");
        });
    }

    private sealed record AgeOnly(int Age);

    private sealed class Misspelt
    {
        public double Scor { get; set; }

        public string Label { get; set; } = "";
    }

    private sealed record MisspeltParameter(double Probabilty, bool Leaves);

    private sealed class WrongType
    {
        public string Score { get; set; } = "";
    }

    private sealed record TwoParameters(bool Leaves, bool Stays);

    private sealed class TwoProperties
    {
        public bool Leaves { get; set; }

        public bool? Stays { get; set; }
    }

    private sealed record OneOfEach(bool Leaves)
    {
        public bool Stays { get; set; }
    }

    private sealed record OneIsIgnored(bool Leaves)
    {
        [Column(Ignore = true)]
        public bool IsCached { get; set; }
    }

    private interface IAnswer
    {
        double Score { get; set; }
    }

    private abstract class Abstract
    {
        public double Score { get; set; }
    }

    private sealed class OnlyIgnored
    {
        [Column(Ignore = true)]
        public double Score { get; set; }
    }

    private class AnswerBase
    {
        public object? Score { get; set; }

        public bool Leaves { get; init; }
    }

    private sealed class HidingAnswer : AnswerBase
    {
        public new double Score { get; init; }

        public required IReadOnlyList<double> Probabilities { get; init; }
    }

    private readonly record struct StructAnswer
    {
        public float Probability { get; init; }

        public string? Class { get; init; }
    }

    private sealed record OfBoth(double Score)
    {
        public string? Label { get; init; }

        [Column(Ignore = true)]
        public string Note { get; set; } = "mine";

        public bool IsCertain => Score > 0.9;
    }

    private sealed class Fields
    {
        public double Score = -1;

        public string? Label { get; set; }
    }

    private sealed class UnknownField
    {
        public double Scor = -1;

        public string? Label { get; set; }
    }

    private sealed class ReadOnlyField
    {
        public readonly double Score = -1;

        public string? Label { get; set; }
    }

    private sealed class PrivateSetter
    {
        public double Score { get; private set; } = -1;

        public string? Label { get; set; }
    }

    private sealed class NoSetter
    {
        public double Score { get; } = -1;

        public string? Label { get; set; }
    }

    private sealed class OfConstructor(double score)
    {
        public double Score { get; private set; } = score;

        public double Probability => 2 * Score;
    }

    private sealed class FullAnswer
    {
        public float Probability { get; set; }

        public string Label { get; set; } = "";

        public double[] Scores { get; set; } = [];
    }

    private sealed record Troubled(Func<string>? Of)
    {
        public int Age => 40;

        public double? Spend => 50;

        public bool Abroad => true;

        public string Plan => (Of ?? throw new InvalidOperationException("There is no plan."))();
    }

    /// <summary>Gives no number for those who are older than most.</summary>
    private sealed class UnsureModel(IModel inner) : IModel
    {
        public ModelSignature Signature => inner.Signature;

        public string FormatId => inner.FormatId;

        public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
        {
            inner.Predict(rows, output, scratch);
            for (var i = 0; i < rows.RowCount; i++)
            {
                if (rows.Values[i * rows.DenseWidth] > 0.2f) output[i] = double.NaN;
            }
        }

        public void Save(IBufferWriter<byte> to) => inner.Save(to);

        public void Dispose()
        {
        }
    }

    private sealed class CountingModel(IModel inner) : IModel
    {
        public int Disposals { get; private set; }

        public ModelSignature Signature => inner.Signature;

        public string FormatId => inner.FormatId;

        public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch) => inner.Predict(rows, output, scratch);

        public void Save(IBufferWriter<byte> to) => inner.Save(to);

        public void Dispose() => Disposals++;
    }
}
