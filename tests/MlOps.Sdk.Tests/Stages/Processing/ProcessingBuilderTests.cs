using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

[TestFixture]
public sealed class ProcessingBuilderTests
{
    private static readonly Dataset Table = SetSteps.Table("id:Integer,at:Timestamp\n1,2024-01-01");
    private readonly ProcessingBuilder _builder = new();

    [Test]
    public void Build_Nothing_HoldsAFifthOutByHash()
    {
        var plan = _builder.Build();

        Assert.That(plan.Steps, Is.Empty);
        Assert.That(plan.Splitter(PluginServices.None).Name, Is.EqualTo("keyed hash, test 0.2"));
        Assert.That(_builder.HasSplit, Is.False);
    }

    [Test]
    public void Build_StepsAndExpectations_StayInTheOrderWritten()
    {
        var step = new DropColumns(["c"]);
        var expectation = new ExpectationRows().Column("b").NotNull();
        var plan = _builder
            .Rename("a", "b")
            .Expect(expectation, OnFailure.Quarantine, mostly: 0.9)
            .Apply(step)
            .SplitByGroup("customer", test: 0.3)
            .Build();

        var steps = plan.MakeSteps(PluginServices.None).All;
        Assert.That(steps.Select(made => made.Type), Is.EqualTo(new[]
        {
            typeof(RenameColumn), typeof(ValueExpectation), typeof(DropColumns)
        }));
        Assert.That(Fingerprint(steps[1]), Is.EqualTo(Fingerprint(Check(expectation, OnFailure.Quarantine, 0.9))));
        Assert.That(steps[2].RowProcessor, Is.SameAs(step));
        Assert.That(plan.Splitter(PluginServices.None).Name, Is.EqualTo("keyed hash of customer, test 0.3"));
        Assert.That(plan.Splitter(PluginServices.None).Folds.Kind, Is.EqualTo(FoldKind.Grouped));
    }

    [Test]
    public void Build_SuggestedExpectations_AreOneStepEach()
    {
        var rows = new ExpectationRows();
        var suggested = new SuggestedExpectations(
        [
            new SuggestedExpectation(rows.Column("a").NotNull(), "it was never missing", "rows.Column(\"a\").NotNull()"),
            new SuggestedExpectation(rows.Column("b").NotNull(), "it was never missing", "rows.Column(\"b\").NotNull()"),
        ]);

        var steps = _builder.Expect(suggested, OnFailure.Warn).Build().MakeSteps(PluginServices.None).All;

        Assert.That(
            steps.Select(Fingerprint),
            Is.EqualTo(suggested.Select(one => Fingerprint(Check(one.Expectation, OnFailure.Warn, null)))));
    }

    [Test]
    public void Build_JoinOfATable_GivesEachRunAStepOfItsOwn()
    {
        var create = _builder.Join(Table, ["id"]).Build().Steps.Single();

        var (one, other) = (create(PluginServices.None), create(PluginServices.None));
        Assert.That(one, Is.TypeOf<JoinStep>().And.Not.SameAs(other), "the table is read anew in each run");
    }

    [Test]
    public void Types_StepExpectationAndSplitter_AreResolvedWhenTheRunIsPlanned()
    {
        var step = new DropColumns(["c"]);
        var expectation = (ValueExpectation)new ExpectationRows().Column("a").NotNull();
        var splitter = new HashSplitter(0.5, []);
        using var services = new ServiceCollection()
            .AddSingleton(step)
            .AddSingleton(expectation)
            .AddSingleton(splitter)
            .BuildServiceProvider();
        var plan = _builder
            .Apply<DropColumns>()
            .Expect<ValueExpectation>(OnFailure.Warn, mostly: 0.5)
            .Split<HashSplitter>()
            .Build();

        Assert.Multiple(() =>
        {
            Assert.That(plan.Steps[0](services).RowProcessor, Is.SameAs(step));
            Assert.That(
                Fingerprint(plan.Steps[1](services)), Is.EqualTo(Fingerprint(Check(expectation, OnFailure.Warn, 0.5))));
            Assert.That(plan.Splitter(services), Is.SameAs(splitter));
            Assert.That(() => plan.Steps[0](PluginServices.None), Lacks(nameof(DropColumns)));
            Assert.That(() => plan.Steps[1](PluginServices.None), Lacks(nameof(ValueExpectation)));
            Assert.That(() => plan.Splitter(PluginServices.None), Lacks(nameof(HashSplitter)));
        });
    }

    [Test]
    public void Split_GivenTwice_IsAMistake()
    {
        var context = new BuildContext();

        _builder.Split(0.2).SplitByTime("at", 0.2).Build(context);

        Assert.That(context.Mistakes.Single(), Does.Contain("ProcessData calls Split twice. Keep one"));
    }

    [Test]
    public void SplitByTime_LocalTime_IsConvertedAndOtherIsTakenAsUtc() => Assert.Multiple(() =>
    {
        var local = new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Local);
        Assert.That(NameOf(local), Does.Contain($"test from {local.ToUniversalTime():O}"));
        Assert.That(NameOf(new DateTime(2024, 5, 6)), Does.Contain("test from 2024-05-06T00:00:00.0000000Z"));

        static string NameOf(DateTime from) =>
            new ProcessingBuilder().SplitByTime("at", from, TimeSpan.FromDays(1)).Build().Splitter(PluginServices.None).Name;
    });

    [Test]
    public void Verbs_AfterBuild_AreRefused()
    {
        _builder.Build();

        Assert.Multiple(() =>
        {
            Assert.That(() => _builder.Build(), Throws.InvalidOperationException);
            Assert.That(() => _builder.Drop("a"), Throws.InvalidOperationException);
            Assert.That(() => _builder.Apply<DropColumns>(), Throws.InvalidOperationException);
            Assert.That(() => _builder.Expect(rows => rows.Column("a").NotNull()), Throws.InvalidOperationException);
            Assert.That(() => _builder.Split(0.2), Throws.InvalidOperationException);
        });
    }

    [Test]
    public void Verbs_NullOrEmpty_AreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.Apply((IDataProcessor)null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Expect((IExpectation)null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Expect((Func<ExpectationRows, IExpectation>)null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Expect((SuggestedExpectations)null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Split((ISplitter)null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Split(0.2, null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Split(0.2, ""), Throws.ArgumentException);
        Assert.That(() => _builder.SplitByGroup(""), Throws.ArgumentException);
        Assert.That(() => _builder.SplitByTime("", 0.2), Throws.ArgumentException);
        Assert.That(() => _builder.Rename("", "b"), Throws.ArgumentException);
        Assert.That(() => _builder.Rename("a", ""), Throws.ArgumentException);
        Assert.That(() => _builder.Cast("", ColumnType.Text), Throws.ArgumentException);
        Assert.That(() => _builder.ParseDates("at", []), Throws.ArgumentException);
        Assert.That(() => _builder.ParseDates("at", ["yyyy-MM-dd"], zone: ""), Throws.ArgumentException);
        Assert.That(() => _builder.ParseDates("at", ["yyyy-MM-dd"], culture: null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Drop(), Throws.ArgumentException);
        Assert.That(() => _builder.Drop(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.FillConstant("a", null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.NormalizeText(""), Throws.ArgumentException);
        Assert.That(() => _builder.Derive("", row => row.Number("a")), Throws.ArgumentException);
        Assert.That(() => _builder.DropDuplicates((string[])null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.DropDuplicates([], KeepRow.First), Throws.ArgumentException);
        Assert.That(() => _builder.ForwardFill([], [], "at"), Throws.ArgumentException);
        Assert.That(() => _builder.ForwardFill(["a"], null!, "at"), Throws.ArgumentNullException);
        Assert.That(() => _builder.SortByTime(""), Throws.ArgumentException);
        var day = TimeSpan.FromDays(1);
        Assert.That(() => _builder.Aggregate(null!, "at", day, columns => columns.Count("n")), Throws.ArgumentNullException);
        Assert.That(() => _builder.Aggregate([], "at", day, null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Aggregate([], "at", day, _ => { }), Throws.ArgumentException);
        Assert.That(() => _builder.Join((Dataset)null!, ["id"]), Throws.ArgumentNullException);
        Assert.That(() => _builder.Join(Table, []), Throws.ArgumentException);
        Assert.That(() => _builder.Join(Table, ["id"], columns: []), Throws.ArgumentException);
        Assert.That(() => _builder.Join(Table, ["id"], prefix: null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.PointInTimeJoin((Dataset)null!, ["id"], "at", "at"), Throws.ArgumentNullException);
        Assert.That(() => _builder.PointInTimeJoin(Table, [], "at", "at"), Throws.ArgumentException);
        Assert.That(() => _builder.PointInTimeJoin(Table, ["id"], "", "at"), Throws.ArgumentException);
        Assert.That(() => ((ProcessingBuilder)null!).Drop("a"), Throws.ArgumentNullException);
    });

    [TestCase(0)]
    [TestCase(-0.5)]
    [TestCase(1.5)]
    [TestCase(double.NaN)]
    public void Mostly_NoShareOfRows_IsRefused(double mostly) => Assert.Multiple(() =>
    {
        var rows = new ExpectationRows();
        Assert.That(() => _builder.Expect(rows.Column("a").NotNull(), mostly: mostly), OutOfRange("mostly"));
        Assert.That(() => _builder.Expect<ValueExpectation>(mostly: mostly), OutOfRange("mostly"));
    });

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(double.NaN)]
    public void Split_EverythingOnOneSide_IsRefused(double test) => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.Split(test), OutOfRange("test"));
        Assert.That(() => _builder.SplitByGroup("g", test), OutOfRange("test"));
        Assert.That(() => _builder.SplitByTime("at", test), OutOfRange("test"));
    });

    [Test]
    public void Verbs_OutOfRange_NameTheParameter() => Assert.Multiple(() =>
    {
        var day = TimeSpan.FromDays(1);
        Assert.That(() => _builder.Cast("a", ColumnType.Vector), OutOfRange("type"));
        Assert.That(() => _builder.Cast("a", (ColumnType)99), OutOfRange("type"));
        Assert.That(() => _builder.Expect(rows => rows.Column("a").Between(2, 1)), OutOfRange("max"));
        Assert.That(() => _builder.FillConstant("a", double.NaN), OutOfRange("value"));
        Assert.That(() => _builder.DropDuplicates(["id"], (KeepRow)9), OutOfRange("keep"));
        Assert.That(() => _builder.SplitByTime("at", 0.2, -day), OutOfRange("gap"));
        Assert.That(() => _builder.Join(Table, ["id"], (JoinKind)9), OutOfRange("kind"));
        Assert.That(() => _builder.PointInTimeJoin(Table, ["id"], "at", "at", maxAge: -day), OutOfRange("maxAge"));
        Assert.That(() => Aggregate(TimeSpan.Zero), OutOfRange("length"));
        Assert.That(() => Aggregate(TimeSpan.FromTicks(5)), OutOfRange("length"));
        Assert.That(() => Aggregate(day, TimeSpan.Zero), OutOfRange("every"));
        Assert.That(() => Aggregate(day, 2 * day), OutOfRange("every"));
        Assert.That(() => Aggregate(day, TimeSpan.FromSeconds(8)), OutOfRange("every"));

        ProcessingBuilder Aggregate(TimeSpan length, TimeSpan? every = null) =>
            _builder.Aggregate([], "at", length, columns => columns.Count("n"), every);
    });

    private static NUnit.Framework.Constraints.Constraint Lacks(string type) =>
        Throws.TypeOf<MlOpsException>().With.Message.Contains(type);

    private static CheckStep Check(IExpectation expectation, OnFailure onFailure, double? mostly) =>
        new(new ExpectationRule(expectation, onFailure, mostly));

    private static string Fingerprint(PipelineStep step)
    {
        var fingerprint = new FingerprintBuilder();
        step.Describe(fingerprint, "step");
        return fingerprint.Opaque is null ? fingerprint.Compute() : throw new InvalidOperationException(fingerprint.Opaque);
    }

    private static NUnit.Framework.Constraints.Constraint OutOfRange(string parameter) =>
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo(parameter);
}
