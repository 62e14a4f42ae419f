using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Features.FittedGraphs;

namespace MlOps.Sdk.Tests.Features;

/// <summary>Which columns that were whole in the file take fractions.</summary>
[TestFixture]
public sealed class WholeNumberTests
{
    private static readonly Dataset Table = Rows(
        ("age", ColumnType.Integer, [30L, 40L, 30L, null]),
        ("id", ColumnType.Integer, [1L << 60, (1L << 60) + 1, 5L, 7L]),
        ("y", ColumnType.Integer, [1L, 0L, 1L, 0L]));

    [Test]
    public async Task Create_ReadAsNumbers_TakesFractions() => Assert.Multiple(async () =>
    {
        Assert.That(await TypeAsync("age", f => f.Numeric(["age"])), Is.EqualTo(ColumnType.Number));
        Assert.That(await TypeAsync("age", f => f.OneHot(["age"])), Is.EqualTo(ColumnType.Number));
        Assert.That(await TypeAsync("age", f => f.Auto()), Is.EqualTo(ColumnType.Number));
        Assert.That(await TypeAsync("id", f => f.Numeric(["id"])), Is.EqualTo(ColumnType.Integer), "an identifier would lose digits");
        Assert.That(await TypeAsync("age", f => f.Numeric(["id"]).Observe("age")), Is.EqualTo(ColumnType.Integer), "only observed");
        Assert.That(
            await TypeAsync("age", f => f.Apply(new Declared(ColumnType.Integer))),
                Is.EqualTo(ColumnType.Integer),
                "a transform that wants them");
        Assert.That(
            await TypeAsync("age", f => f.Apply(new Declared(ColumnType.Number))), Is.EqualTo(ColumnType.Number), "a transform of others");
        Assert.That(
            await TypeAsync("age", f => f.Numeric(["age"]).Apply(new Declared(ColumnType.Integer))),
                Is.EqualTo(ColumnType.Integer),
                "one of two");
    });

    [Test]
    public async Task Create_StepsBetween_TakesFractionsWhereTheyComputeOnly() => Assert.Multiple(async () =>
    {
        Assert.That(
            await TypeAsync("age", f => f.Numeric(["twice"]), p => p.Derive("twice", row => row.Number("age") * 2)),
                Is.EqualTo(ColumnType.Number));
        Assert.That(
            await TypeAsync("age", f => f.Numeric(["years"]), p => p.Rename("age", "years")), Is.EqualTo(ColumnType.Number));
        Assert.That(
            await TypeAsync("age", f => f.Numeric(["age"]), p => p.Cast("age", ColumnType.Number)), Is.EqualTo(ColumnType.Number));
        Assert.That(
            await TypeAsync("age", f => f.Numeric(["age"]), p => p.FillConstant("age", 3)), Is.EqualTo(ColumnType.Number));
        Assert.That(
            await TypeAsync("age", f => f.OneHot(["age"]), p => p.Cast("age", ColumnType.Text)), Is.EqualTo(ColumnType.Integer));
        Assert.That(
            await TypeAsync("age", f => f.Numeric(["age"]).OneHot(["a"]), p => p.Derive("a", row => row.Text("age"))),
            Is.EqualTo(ColumnType.Integer));
        Assert.That(
            await TypeAsync(
                    "age", f => f.Numeric(["years"]).OneHot(["a"]), p => p.Rename("age", "years").Derive("a", row => row.Text("years"))),
            Is.EqualTo(ColumnType.Integer));
        Assert.That(
            await TypeAsync("age", f => f.Numeric(["age"]).OneHot(["a"]), p => p.Derive("a", row => row.Text("id"))),
            Is.EqualTo(ColumnType.Number), "the step reads another");
    });

    [Test]
    public async Task Apply_FractionForACategoryOfWholeNumbers_IsALevelNeverSeen()
    {
        var graph = await GraphAsync(Table, features => features.OneHot(["age"]));
        var served = Rows(("age", ColumnType.Number, [30.0, 30.5, 40.0, double.NaN]), ("y", ColumnType.Integer, [1L, 0L, 1L, 0L]));

        var (learned, later) = (graph.Transform(Table), graph.Transform(served));

        Assert.Multiple(() =>
        {
            Assert.That(
                later.Slots.Select(slot => slot.Name), Is.EqualTo(new[] { "age=30", "age=40", "age is missing", "age is unknown" }));
            Assert.That(learned.Column(0).ToArray(), Is.EqualTo(new float[] { 1, 0, 1, 0 }));
            Assert.That(learned.Column(2).ToArray(), Is.EqualTo(new float[] { 0, 0, 0, 1 }));
            Assert.That(later.Column(0).ToArray(), Is.EqualTo(new float[] { 1, 0, 0, 0 }));
            Assert.That(later.Column(1).ToArray(), Is.EqualTo(new float[] { 0, 0, 1, 0 }));
            Assert.That(later.Column(2).ToArray(), Is.EqualTo(new float[] { 0, 0, 0, 1 }));
            Assert.That(later.Column(3).ToArray(), Is.EqualTo(new float[] { 0, 1, 0, 0 }));
        });
    }

    private static async Task<ColumnType> TypeAsync(
        string column, Action<FeatureBuilder> configure, Action<ProcessingBuilder>? process = null)
    {
        var builder = new FeatureBuilder();
        configure(builder);
        var plan = builder.Build([]);
        IRowProcessor[] steps = [];
        if (process is not null)
        {
            var processing = new ProcessingBuilder();
            process(processing);
            steps = [.. processing.Build().Steps.Select(make => make(PluginServices.None).RowProcessor!)];
        }

        IEnumerable<RecordBatch> batches = Table.ToBatches();
        var schema = Table.Schema;
        foreach (var step in steps)
        {
            var binding = step.BindRows(schema);
            batches = [.. batches.Select(binding.Apply)];
            schema = binding.Output;
        }

        using var graph = await FeatureFitting.FitAsync(
            [.. plan.Transforms.Select(create => create(PluginServices.None))],
            plan,
            FittedGraphs.Problem,
            Table.Schema,
            steps,
            Dataset.FromBatches(schema, batches),
            1,
            NullLogger.Instance,
            CancellationToken.None);
        return graph.Input[column].Type;
    }

    /// <summary>A transform that declares the type that it is given.</summary>
    private sealed class Declared(ColumnType type) : IFeatureTransform, IFittedTransform
    {
        IReadOnlyList<string> IFeatureTransform.Inputs => ["age"];

        public IReadOnlyList<Field> Inputs { get; } = [new Field("age", type)];

        public IReadOnlyList<FeatureSlot> Outputs { get; } = [new FeatureSlot("declared", "age")];

        public string FormatId => "declared/1";

        public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default) => new(this);

        public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
        {
            for (var row = 0; row < rows.Count; row++) output.Set(row, 0, (float)rows.Number(0, row));
        }

        public void Save(IBufferWriter<byte> to)
        {
        }
    }
}
