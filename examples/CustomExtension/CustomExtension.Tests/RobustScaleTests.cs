using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace CustomExtension.Tests;

/// <summary>What every feature transform promises, on this one; and what this one alone does.</summary>
[TestFixture]
public sealed class RobustScaleTests : FeatureTransformContract
{
    protected override IFeatureTransform Create() => new RobustScale("amount");

    protected override void AddReaders(FormatReaders readers) => readers.Add(new RobustScale.Reader());

    [Test]
    public async Task Apply_Median_BecomesZeroAndTheQuartilesAreOneApart()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("amount", ColumnType.Number)));
        foreach (var value in new double[] { 3, 1, 5, 2, 1000 }) ((NumberColumnBuilder)builder[0]).Append(value);
        var rows = Dataset.FromBatches(builder.Schema, [builder.Build()]);
        var fitted = await Create().FitAsync(new SampleFitContext(rows));

        var scaled = new float[5];
        using var scratch = new PredictScratch();
        fitted.Apply(new RowBlock([rows["amount"]], 0, 5), new FeatureWriter(scaled, slotStride: 1, rowStride: 1), scratch);

        // The median is 3, the quartiles are 2 and 5.
        Assert.That(scaled[..4], Is.EqualTo(new[] { 0, -2 / 3f, 2 / 3f, -1 / 3f }));
    }
}
