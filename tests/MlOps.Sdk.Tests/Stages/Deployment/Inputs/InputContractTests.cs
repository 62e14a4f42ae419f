using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

[TestFixture]
public sealed class InputContractTests
{
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Open()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder["workspace"]);
    }

    [TearDown]
    public async Task Delete()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    private DynamicEndpoint ByName => _workspace.Endpoint(SampleLifecycle.Name);

    private Endpoint<Loose, Answer> Typed => _workspace.Endpoint<Loose, Answer>(SampleLifecycle.Name);

    [Test]
    public async Task Predict_EverythingIsRejected_HasAllProblemsOfAllRows()
    {
        await DeployAsync(RejectAll);
        Dictionary<string, object?>[] rows =
        [
            Row(),
            Row(("age", 900), ("spend", null), ("plan", "weekly"), ("abroad", "maybe"), ("agee", 1)),
            .. Enumerable.Range(0, 400).Select(_ => Row()),
            Without(Row(("spend", double.PositiveInfinity)), "plan"),
        ];

        var failure = Assert.Throws<InputRejectedException>(() => ByName.PredictAll(rows))!;
        var alone = Assert.Throws<InputRejectedException>(() => ByName.Predict(rows[1]))!;

        await _workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = await new PredictionTable(_workspace.Store).CountAsync(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That(
                failure.Problems.Select(problem => (problem.Row, problem.Column, problem.Kind, problem.Value)),
                Is.EquivalentTo(new (long, string, InputProblemKind, string?)[]
                {
                    (1, "age", InputProblemKind.OutOfDomain, "900"),
                    (1, "spend", InputProblemKind.Missing, null),
                    (1, "plan", InputProblemKind.Unseen, "weekly"),
                    (1, "abroad", InputProblemKind.Mistyped, "maybe"),
                    (1, "agee", InputProblemKind.ExtraColumn, null),
                    (402, "spend", InputProblemKind.OutOfDomain, "Infinity"),
                    (402, "plan", InputProblemKind.MissingColumn, null),
                }));
            Assert.That(failure.Problems.Select(problem => problem.Row), Is.Ordered);
            Assert.That(failure.ProblemCount, Is.EqualTo(7));
            Assert.That(failure.Message, Does.Contain("Row 1: ").And.Contains("And 2 more"));
            Assert.That(failure.Problems.Single(p => p.Kind == InputProblemKind.ExtraColumn).Remedy, Does.Contain("'age'"));
            Assert.That(alone.Problems, Has.Count.EqualTo(5));
            Assert.That(alone.Message, Does.Contain("The row is rejected").And.Not.Contain("Row 0"));
            Assert.That(ByName.Predict(rows[0]).IsFlagged, Is.False, "a rejected call leaves nothing behind");
            Assert.That(recorded, Is.EqualTo(0));
        });
    }

    [Test]
    public async Task Predict_ByClass_IsHeldToTheSameContract()
    {
        await DeployAsync(RejectAll);

        var failure = Assert.Throws<InputRejectedException>(
            () => Typed.PredictAll([Good, Good with { Age = 30.5 }, Good with { Plan = null, Spend = 9e9 }], new Prediction<Answer>[3]))!;

        Assert.Multiple(() =>
        {
            Assert.That(
                failure.Problems.Select(problem => (problem.Row, problem.Column, problem.Kind)),
                Is.EquivalentTo(new[]
                {
                    (2L, "plan", InputProblemKind.Missing), (2L, "spend", InputProblemKind.OutOfDomain),
                }),
                "an age is a number to the model");
            Assert.That(
                () => Typed.Predict(Good with { Abroad = 2 }),
                Throws.TypeOf<InputRejectedException>().With.Property("Column").EqualTo("abroad"));
            Assert.That(Typed.Predict(Good).IsFlagged, Is.False);
        });
    }

    [Test]
    public async Task Predict_FlaggedValues_AreAnsweredAndToldAndCounted()
    {
        await DeployAsync(inputs => inputs
            .Missing(InputHandling.Flag).MissingColumns(InputHandling.Flag).Mistyped(InputHandling.Flag)
            .OutOfDomain(InputHandling.Flag).Unseen(InputHandling.Flag).ExtraColumns(InputHandling.Flag, "customer"));
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, of) =>
        {
            if (instrument.Name == "mlops.inputs.problems") of.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var (name, model) = ("", "");
            foreach (var tag in tags)
            {
                if (tag.Key == "mlops.model") model = (string)tag.Value!;
                else name += $" {tag.Value}";
            }

            if (model == SampleLifecycle.Name) counted[name.Trim()] = counted.GetValueOrDefault(name.Trim()) + value;
        });
        listener.Start();

        var hostile = ByName.Predict(
            Without(Row(("age", "old\n"), ("spend", 1e12), ("abroad", null), ("extra", 1), ("customer", 7)), "plan"));
        var bare = ByName.Predict(Row(("age", null), ("spend", 1e12), ("plan", null), ("abroad", null)));
        var all = ByName.PredictAll([Row(), Row(("plan", "weekly")), Row()]);

        Assert.Multiple(() =>
        {
            Assert.That((hostile.Flags, hostile.IsFlagged), Is.EqualTo((5, true)));
            Assert.That(hostile.Value.Score, Is.EqualTo(bare.Value.Score), "what cannot be read is missing");
            Assert.That(all.Select(answer => answer.Flags), Is.EqualTo(new[] { 0, 1, 0 }));
            Assert.That(counted["extra column flagged"], Is.EqualTo(1));
            Assert.That(counted["mistyped flagged"], Is.EqualTo(1));
            Assert.That(counted["out of domain flagged"], Is.EqualTo(2));
            Assert.That(counted["unseen flagged"], Is.EqualTo(1));
            Assert.That(counted["missing column flagged"], Is.EqualTo(1));
            Assert.That(counted["missing flagged"], Is.EqualTo(4));
        });
    }

    [Test]
    public async Task Predict_Defaults_TakeThePlaceOfWhatIsNotExpected()
    {
        await DeployAsync(inputs => inputs
            .Column("age", age => age
                .Missing(InputHandling.Default).OutOfDomain(InputHandling.Default, slack: 0).Mistyped(InputHandling.Default).Default(41))
            .Column("plan", plan => plan.Unseen(InputHandling.Default).MissingColumn(InputHandling.Default).Default("yearly"))
            .Column("abroad", abroad => abroad.Missing(InputHandling.Default).Default(true)));
        var expected = ByName.Predict(Row(("age", 41), ("plan", "yearly"), ("abroad", true))).Value.Score;
        var rows = Enumerable.Range(0, 600).Select(i => (i % 5) switch
        {
            0 => Row(("age", null), ("plan", "yearly")),
            1 => Row(("age", 17), ("plan", "?")),
            2 => Row(("age", "?"), ("plan", "yearly"), ("abroad", null)),
            3 => Without(Row(("age", double.NaN)), "plan"),
            _ => Row(("age", double.NegativeInfinity), ("plan", "")),
        }).ToArray();

        var answers = ByName.PredictAll(rows);

        await _workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = await new PredictionTable(_workspace.Store).ReadLatestAsync(SampleLifecycle.Name, 1, 601);
        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(answer => answer.Value.Score), Is.All.EqualTo(expected));
            Assert.That(answers.Select(answer => answer.Flags), Is.All.Zero);
            Assert.That(
                recorded.Select(row => Convert.ToHexString(row.Row.Span)).Distinct().Count(), Is.EqualTo(1), "as the model saw them");
            Assert.That(Typed.Predict(new Loose(null, 50.5, "never", true)).Value.Score, Is.EqualTo(expected));
            Assert.That(ByName.Predict(Row(("age", 18))).Value.Score, Is.Not.EqualTo(expected), "the bound itself is expected");
        });
    }

    [Test]
    public async Task Package_WithAContract_SaysTheSameInAnotherProcessAndInABatch()
    {
        await DeployAsync(inputs => inputs
            .OutOfDomain(InputHandling.Reject)
            .Unseen(InputHandling.Flag)
            .Column("spend", spend => spend.Missing(InputHandling.Default).Default(50.25)));
        var subscribers = Subscriber.Draw(3_000, seed: 9)
            .Select((row, i) => i % 100 == 7 ? row with { Age = 500 } : i % 100 == 8 ? row with { Plan = "weekly" } : row).ToArray();
        await using var other = await Workspace.OpenAsync(_folder["workspace"]);
        await other.ServeAsync(SampleLifecycle.Name);
        var source = DataSources.Objects(subscribers, "tonight");

        var failure = (await Assert.ThrowsAsync<InputRejectedException>(
            () => other.ScoreAsync(SampleLifecycle.Name, source, DataSinks.Arrow(_folder["none.arrow"]))))!;
        var report = await other.ScoreAsync(
            SampleLifecycle.Name, source, DataSinks.Arrow(_folder["scores.arrow"]), new ScoringOptions { SkipRejected = true });

        var rows = await DataSources.Arrow(_folder["scores.arrow"]).ReadAllAsync();
        var accepted = subscribers.Where(row => row.Age < 100).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(failure.Problems.Select(problem => problem.Row), Is.EqualTo(Enumerable.Range(0, 30).Select(i => i * 100L + 7)));
            Assert.That(File.Exists(_folder["none.arrow"]), Is.False);
            Assert.That((report.Rows, report.RejectedRows, report.FlaggedRows), Is.EqualTo((2_970L, 30L, 30L)));
            Assert.That(report.Rejected, Is.EqualTo(failure.Problems));
            Assert.That(rows.RowCount, Is.EqualTo(2_970));
        });
        for (var row = 0; row < accepted.Length; row += 7)
        {
            var alone = _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name)
                .Predict(UnlabelledSubscriber.Of(accepted[row]));
            Assert.That((rows["age"].GetNumber(row), rows["score"].GetNumber(row)), Is.EqualTo((accepted[row].Age, alone.Value.Score)));
        }
    }

    [Test]
    public async Task Package_Contract_IsPartOfTheContentHash()
    {
        await DeployAsync(inputs => inputs.Column("spend", spend => spend.Missing(InputHandling.Default).Default(50)));
        var version = await _workspace.Models.GetAsync(SampleLifecycle.Name, 1);
        using var package = await _workspace.ReadPackageAsync(version);

        var plain = PackageFile.Write(new ModelPackage(package.Parts with { Inputs = null }));
        var otherwise = PackageFile.Write(new ModelPackage(package.Parts with
        {
            Inputs = package.Inputs! with { Columns = [package.Inputs.Columns[0] with { Default = "51" }] },
        }));

        using var read = PackageFile.Read(plain.Bytes, _workspace.Readers);
        Assert.Multiple(() =>
        {
            Assert.That(package.ContentHash, Is.EqualTo(version.ContentHash));
            Assert.That(new[] { plain.ContentHash, otherwise.ContentHash, version.ContentHash }, Is.Unique);
            Assert.That(read.Inputs, Is.Null, "a package of before");
            Assert.That(package.Inputs!.Columns.Single().Default, Is.EqualTo("50"));
            Assert.That(package.CheckGoldenRows(), Is.Null);
            Assert.That(read.CheckGoldenRows(), Does.Contain("Golden score"), "the row without values is answered otherwise");
        });
    }

    [TestCase("""{"missing":"Default"}""")]
    [TestCase("""{"missing":99}""")]
    [TestCase("""{"slack":-1}""")]
    [TestCase("""{"columns":[null]}""")]
    [TestCase("""{"columns":[{"column":"age","missing":"Default"}]}""")]
    [TestCase("""{"columns":[{"column":"nobody","missing":"Reject"}]}""")]
    [TestCase("""{"columns":[{"column":"age","unseen":"Reject"}]}""")]
    [TestCase("""{"columns":[{"column":"age","missing":"Default","default":"old"}]}""")]
    public async Task Read_ContractThatNoLibraryWrites_IsRejected(string json)
    {
        await DeployAsync(inputs => inputs.Missing(InputHandling.Flag));
        using var package = await _workspace.ReadPackageAsync(await _workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        var contract = JsonSerializer.Deserialize(json, PackageJson.Default.InputContract)!;

        Assert.That(
            () =>
            {
                using var broken = new ModelPackage(package.Parts with { Inputs = contract });
                PackageFile.Read(PackageFile.Write(broken).Bytes, _workspace.Readers).Dispose();
            },
            Throws.TypeOf<MlOpsException>());
    }

    [Test]
    public async Task Run_ColumnThatTheModelDoesNotRead_FailsBeforeTrainingAndNamesTheNearest()
    {
        var lifecycle = SampleLifecycle.Begin()
            .Deployed(deployment => deployment.ToProcess().CheckInputs(
                inputs => inputs.Column("pln", plan => plan.Unseen(InputHandling.Reject))))
            .Build();

        var failure = (await Assert.ThrowsAsync<MlOpsException>(() => lifecycle.RunAsync(_workspace)))!;

        Assert.That(failure.Message, Does.Contain("'pln'").And.Contains("'plan'").And.Contains("CheckInputs"));
        Assert.That(failure.Stage, Is.EqualTo(LifecycleStage.Features));
    }

    [Test]
    public void Build_ContractWithMistakes_ListsThemAll()
    {
        var failure = Assert.Throws<LifecycleConfigurationException>(() => SampleLifecycle.Begin()
            .Deployed(deployment => deployment.ToProcess().CheckInputs(inputs => inputs
                .Missing(InputHandling.Default)
                .ExtraColumns(InputHandling.Default, "")
                .OutOfDomain(InputHandling.Flag, slack: double.NaN)
                .OutOfDomain(InputHandling.Flag)
                .Unseen((InputHandling)9)
                .Column("age", age => age.Missing(InputHandling.Default))
                .Column("spend", spend => spend.Default(1).Missing(InputHandling.Flag))
                .Column("plan", _ => { })
                .Column("plan", plan => plan.OutOfDomain(InputHandling.Flag, slack: -1))
                .Column("left", left => left.Missing(InputHandling.Reject))))
            .Build())!;

        Assert.That(failure.Mistakes, Has.Count.EqualTo(12), failure.Message);
        foreach (var part in new[]
        {
            "Missing(InputHandling.Default) has no value", "Extra columns can be rejected", "empty name", "slack of NaN",
            "OutOfDomain twice", "handling 9",
            "no default for 'age'", "default for 'spend' that nothing uses", "says nothing of 'plan'", "'plan' twice",
            "slack of -1", "'left', which is the label",
        })
        {
            Assert.That(failure.Message, Does.Contain(part));
        }
    }

    [Test]
    public async Task Build_DefaultThatIsNotExpectedItself_FailsAndSaysSo()
    {
        var lifecycle = SampleLifecycle.Begin()
            .Deployed(deployment => deployment.ToProcess().CheckInputs(inputs => inputs
                .Column("age", age => age.OutOfDomain(InputHandling.Default).Default(700))
                .Column("plan", plan => plan.Missing(InputHandling.Default).OutOfDomain(InputHandling.Flag).Default("yearly"))
                .Column("abroad", abroad => abroad.Missing(InputHandling.Default).Default("perhaps"))))
            .Build();

        var failure = (await Assert.ThrowsAsync<MlOpsException>(() => lifecycle.RunAsync(_workspace)))!;

        Assert.That(
            failure.Message,
            Does.Contain("default of 'age' is itself").And.Contains("'plan' is Text and has no range").And.Contains("'perhaps'"));
    }

    [Test]
    public async Task Predict_WithAContract_AllocatesNothing()
    {
        await DeployAsync(inputs => inputs
            .Missing(InputHandling.Flag).Mistyped(InputHandling.Reject).Unseen(InputHandling.Flag)
            .OutOfDomain(InputHandling.Reject)
            .Column("spend", spend => spend.Missing(InputHandling.Default).Default(50)));
        var endpoint = _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        UnlabelledSubscriber[] rows =
        [
            .. Subscriber.Draw(400, seed: 2).Select((row, i) => UnlabelledSubscriber.Of(i % 9 == 0 ? row with { Plan = "weekly" } : row)),
        ];
        var answers = new Prediction<Answer>[rows.Length];

        var allocated = long.MaxValue;
        for (var round = 0; round < 2 || (allocated > 0 && round < 8); round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var row in rows) endpoint.Predict(row);
            endpoint.PredictAll(rows, answers);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
        Assert.That(rows, Has.Some.Property("Spend").Null);
        Assert.That(answers.Select(answer => answer.Flags), Has.Some.EqualTo(1).And.Some.EqualTo(0));
    }

    [Test]
    public async Task Predict_NothingIsDeclared_IsAsBefore()
    {
        await DeployAsync(null);

        Assert.Multiple(() =>
        {
            Assert.That(ByName.Predict(Row(("age", 1e30), ("plan", "weekly"), ("spend", null), ("extra", 1))).Flags, Is.Zero);
            Assert.That(() => ByName.Predict(Row(("age", "old"))), Throws.TypeOf<MlOpsException>());
            Assert.That(() => ByName.Predict(Without(Row(), "plan")), Throws.TypeOf<MlOpsException>());
        });
    }

    [Test]
    public async Task Predict_ManyThreadsWithGoodAndBadRows_EachHasItsOwnProblems()
    {
        await DeployAsync(RejectAll);

        await Parallel.ForEachAsync(Enumerable.Range(0, 8), async (worker, _) =>
        {
            await Task.Yield();
            for (var i = 0; i < LongForm.Of(many: 20_000, few: 500); i++)
            {
                if ((i + worker) % 3 > 0)
                {
                    if (ByName.Predict(Row()).IsFlagged) throw new InvalidOperationException("flagged");
                    continue;
                }

                var wrong = $"plan {worker} {i}";
                try
                {
                    ByName.Predict(Row(("plan", wrong)));
                    throw new InvalidOperationException("accepted");
                }
                catch (InputRejectedException e) when (e.Problems is [{ Value: var value }] && value == wrong)
                {
                    // As it is to be.
                }
            }
        });
    }

    private static InputsBuilder RejectAll(InputsBuilder inputs) => inputs
        .Missing(InputHandling.Reject).MissingColumns(InputHandling.Reject).ExtraColumns(InputHandling.Reject)
        .Mistyped(InputHandling.Reject).OutOfDomain(InputHandling.Reject).Unseen(InputHandling.Reject);

    private static Loose Good => new(40, 50, "monthly", 1);

    private static Dictionary<string, object?> Row(params (string Column, object? Value)[] values)
    {
        var row = new Dictionary<string, object?> { ["age"] = 40, ["spend"] = 50.5, ["plan"] = "monthly", ["abroad"] = true };
        foreach (var (column, value) in values) row[column] = value;
        return row;
    }

    private static Dictionary<string, object?> Without(Dictionary<string, object?> row, string column)
    {
        row.Remove(column);
        return row;
    }

    private async Task DeployAsync(Func<InputsBuilder, InputsBuilder>? inputs)
    {
        var run = await SampleLifecycle.Begin()
            .Deployed(deployment =>
            {
                deployment.ToProcess();
                if (inputs is not null) deployment.CheckInputs(builder => inputs(builder));
            })
            .Monitored()
            .Build()
            .RunAsync(_workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
    }

    private sealed record Loose(double? Age, double? Spend, string? Plan, object Abroad)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Age} {Spend} {Plan} {Abroad}");
    }
}
