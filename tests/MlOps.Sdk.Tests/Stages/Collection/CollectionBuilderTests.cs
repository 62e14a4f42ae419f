using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using Polly;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

[TestFixture]
public sealed class CollectionBuilderTests
{
    private static readonly IDataSource Source = DataSources.Objects([new { A = 1 }], "rows");
    private readonly CollectionBuilder _builder = new();

    [Test]
    public void Build_Nothing_SaysHowToBegin() =>
        Assert.That(() => _builder.Build(), Throws.TypeOf<MlOpsException>().With.Message.Contains("FromCsv"));

    [Test]
    public void Build_Everything_IsInThePlan()
    {
        var plan = _builder
            .From(Source, read => read.Columns("a").Sample(0.5, seed: 7).OnlyNew().Resilience(_ => { }))
            .FromObjects([new { A = 2 }], "more", read => read.OnlyNew())
            .Malformed(MalformedRows.Quarantine, tolerance: 0.25)
            .Personal("a", PersonalTreatment.Drop)
            .KeepEarlierRows()
            .Resilience(_ => { })
            .Build();

        Assert.Multiple(() =>
        {
            Assert.That(plan.Sources.Select(source => source.Name), Is.EqualTo(new[] { "rows", "more" }));
            var reading = plan.Sources[0].Reading;
            Assert.That(reading.Columns, Is.EqualTo(new[] { "a" }));
            Assert.That((reading.Share, reading.Seed, reading.OnlyNew), Is.EqualTo((0.5, 7, true)));
            Assert.That(reading.Resilience, Is.Not.Null);
            Assert.That(plan.Sources[1].Reading, Is.EqualTo(SourcePlan.All with { OnlyNew = true }));
            Assert.That((plan.Malformed, plan.Tolerance, plan.KeepsEarlierRows), Is.EqualTo((MalformedRows.Quarantine, 0.25, true)));
            Assert.That(plan.Personal, Does.ContainKey("a").WithValue(PersonalTreatment.Drop));
            Assert.That(plan.Resilience, Is.Not.Null);
        });
    }

    [Test]
    public void Build_OneSource_LeavesTheRestAtItsDefaults()
    {
        var plan = _builder.From(Source).Build();

        Assert.That(plan.Sources.Single().Reading, Is.EqualTo(SourcePlan.All));
        Assert.That(
            (plan.Malformed, plan.KeepsEarlierRows, plan.Personal.Count, plan.Resilience),
            Is.EqualTo((MalformedRows.Fail, false, 0, (ResiliencePipeline?)null)));
    }

    [Test]
    public void Malformed_WithoutTolerance_AllowsOneInAHundred() =>
        Assert.That(_builder.From(Source).Malformed(MalformedRows.Null).Build().Tolerance, Is.EqualTo(0.01));

    [Test]
    public void From_Type_IsResolvedWhenTheRunIsPlanned()
    {
        var source = new DatasetSource(Table());
        using var services = new ServiceCollection().AddSingleton(source).BuildServiceProvider();
        var step = _builder.From<DatasetSource>().Build().Sources.Single();

        Assert.That(step.Name, Is.EqualTo(nameof(DatasetSource)), "no instance is there to ask");
        Assert.That(step.Create(services), Is.SameAs(source));
        Assert.That(() => step.Create(PluginServices.None), Throws.TypeOf<MlOpsException>().With.Message.Contains(nameof(DatasetSource)));
    }

    [Test]
    public void Build_EarlierRowsOfASourceThatIsReadWhole_SaysWhatToDo()
    {
        _builder.From(Source, read => read.OnlyNew()).From(Source).KeepEarlierRows();

        Assert.That(() => _builder.Build(), Throws.TypeOf<MlOpsException>().With.Message.Contains("OnlyNew()"));
    }

    [Test]
    public void Personal_ColumnTwice_NamesIt()
    {
        _builder.From(Source).Personal("email", PersonalTreatment.Drop).Personal("email", PersonalTreatment.Drop);

        Assert.That(() => _builder.Build(), Throws.Exception.With.Message.Contains("twice").And.Message.Contains("'email'"));
    }

    [Test]
    public void Verbs_AfterBuild_AreRefused()
    {
        _builder.From(Source).Build();

        Assert.Multiple(() =>
        {
            Assert.That(() => _builder.Build(), Throws.InvalidOperationException);
            Assert.That(() => _builder.From(Source), Throws.InvalidOperationException);
            Assert.That(() => _builder.From<DatasetSource>(), Throws.InvalidOperationException);
            Assert.That(() => _builder.Malformed(MalformedRows.Fail), Throws.InvalidOperationException);
            Assert.That(() => _builder.Personal("a", PersonalTreatment.Drop), Throws.InvalidOperationException);
            Assert.That(() => _builder.KeepEarlierRows(), Throws.InvalidOperationException);
            Assert.That(() => _builder.Resilience(_ => { }), Throws.InvalidOperationException);
        });
    }

    [Test]
    public void Verbs_NullOrEmpty_AreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.From(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Personal("", PersonalTreatment.Drop), Throws.ArgumentException);
        Assert.That(() => _builder.Personal("a", null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Resilience(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.FromCsv(" "), Throws.ArgumentException);
        Assert.That(() => _builder.FromJsonLines(""), Throws.ArgumentException);
        Assert.That(() => _builder.FromArrow(""), Throws.ArgumentException);
        Assert.That(() => _builder.FromFolder("", "*.csv", path => DataSources.Csv(path)), Throws.ArgumentException);
        Assert.That(() => _builder.FromFolder("x", "*.csv", null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.FromHttp(null!, path => DataSources.Csv(path)), Throws.ArgumentNullException);
        Assert.That(() => _builder.FromObjects((IAsyncEnumerable<object>)null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.FromChannel<object>(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.FromDatabase(null!, "SELECT 1"), Throws.ArgumentNullException);
        Assert.That(() => ((CollectionBuilder)null!).FromCsv("x.csv"), Throws.ArgumentNullException);
    });

    [TestCase(-0.01)]
    [TestCase(1.01)]
    [TestCase(double.NaN)]
    public void Malformed_ToleranceThatIsNoShare_IsRefused(double tolerance) => Assert.That(
        () => _builder.Malformed(MalformedRows.Quarantine, tolerance),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("tolerance"));

    [Test]
    public void Malformed_NoSuchTreatment_IsRefused() =>
        Assert.That(() => _builder.Malformed((MalformedRows)9), Throws.TypeOf<ArgumentOutOfRangeException>());

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1.5)]
    [TestCase(double.NaN)]
    public void Sample_ShareThatIsNone_IsRefused(double share) =>
        Assert.That(() => _builder.From(Source, read => read.Sample(share)), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Columns_NoneOrOneTwice_AreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.From(Source, read => read.Columns()), Throws.ArgumentException);
        Assert.That(() => _builder.From(Source, read => read.Columns("a", "a")), Throws.ArgumentException);
        Assert.That(() => _builder.From(Source, read => read.Columns(null!)), Throws.ArgumentNullException);
    });

    private static Dataset Table() => Dataset.FromBatches(new Schema(new Field("a", ColumnType.Integer)), []);
}
