using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class PaneFileTests
{
    private static readonly Schema Inputs = new(
        [new("amount", ColumnType.Number), new("plan", ColumnType.Text), new("region", ColumnType.Text)]);

    private readonly WindowShape _shape = NewShape(1);

    [Test]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var window = NewWindow(3_000, 2);

        var bytes = PaneFile.Write(window, _shape);
        var read = PaneFile.Read(bytes, "m", 3, _shape, 200);

        Assert.That(PaneFile.Write(read, _shape), Is.EqualTo(bytes));
        Assert.That((read.RowCount, read.Version, read.MinimumRows), Is.EqualTo((3_000, 3, 200)));
        Assert.That(bytes, Has.Length.LessThan(20_000 * 4), "its size does not depend on the rows");
    }

    [Test]
    public void Merge_PartsThatWereStored_IsTheWhole()
    {
        var (whole, merged) = (NewWindow(0, 0), NewWindow(0, 0));
        for (var part = 0; part < 20; part++)
        {
            Add(whole, 500, 10 + part);
            var one = NewWindow(0, 0);
            Add(one, 500, 10 + part);
            merged.Merge(PaneFile.Read(PaneFile.Write(one, _shape), "m", 3, _shape, 0));
        }

        Assert.That(merged.RowCount, Is.EqualTo(whole.RowCount));
        foreach (var (expected, actual) in whole.Inputs.Concat(whole.Predictions).Zip(merged.Inputs.Concat(merged.Predictions)))
        {
            Assert.That(actual.Counts, Is.EqualTo(expected.Counts));
            Assert.That((actual.Current.Count, actual.Current.Missing), Is.EqualTo((expected.Current.Count, expected.Current.Missing)));
            Assert.That((actual.NewLevels, actual.AskedLevels), Is.EqualTo((expected.NewLevels, expected.AskedLevels)));
            Assert.That(actual.Current.Distinct!.Estimate(), Is.EqualTo(expected.Current.Distinct!.Estimate()));
            Assert.That(actual.Current.Moments!.Mean, Is.EqualTo(expected.Current.Moments!.Mean).Within(1e-9));
            if (expected.Current.Quantiles is not { } quantiles) continue;
            foreach (var q in new[] { 0.05, 0.25, 0.5, 0.75, 0.95 })
            {
                Assert.That(
                    quantiles.Rank(actual.Current.Quantiles!.Quantile(q)),
                    Is.EqualTo(q).Within(quantiles.RankError + actual.Current.Quantiles.RankError));
            }
        }

        Assert.That(merged.Groups("region"), Is.EqualTo(whole.Groups("region")));
    }

    [Test]
    public void Read_AnyByteDamaged_IsRefused()
    {
        var bytes = PaneFile.Write(NewWindow(50, 2), _shape);
        for (var i = 0; i < bytes.Length; i += 1 + i / 50)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x55;

            // Bits that the compression pads with are not part of what is stored.
            try
            {
                var read = PaneFile.Read(damaged, "m", 3, _shape, 200);
                Assert.That(PaneFile.Write(read, _shape), Is.EqualTo(bytes), $"byte {i}");
            }
            catch (MlOpsException e)
            {
                Assert.That(e.Message, Does.Contain("part of a window"));
            }
        }

        for (var length = 0; length < bytes.Length; length += 37)
        {
            Assert.That(() => PaneFile.Read(bytes.AsSpan(0, length), "m", 3, _shape, 200), Throws.TypeOf<MlOpsException>());
        }
    }

    [Test]
    public void Read_BesideAnotherBaseline_IsRefused() => Assert.That(
        () => PaneFile.Read(PaneFile.Write(NewWindow(50, 2), _shape), "m", 3, NewShape(2), 200),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("another baseline"));

    private MonitoringWindow NewWindow(int rows, int seed)
    {
        var window = new MonitoringWindow("m", 3, _shape, 0);
        if (rows > 0) Add(window, rows, seed);
        return window;
    }

    private static void Add(MonitoringWindow window, int rows, int seed)
    {
        var (data, scores) = Draw(rows, seed);
        window.Add(data, scores);
    }

    private static WindowShape NewShape(int seed)
    {
        var (rows, scores) = Draw(1_000, seed);
        var decision = new Decision(new LabelEncoding(TaskKind.BinaryClassification, "left", ["No", "Yes"]), 0.5);
        return new WindowShape(PackageBaseline.Build(Inputs, rows, decision, scores), decision, ["region"]);
    }

    private static (Dataset Rows, double[] Scores) Draw(int rows, int seed)
    {
        var random = new Random(seed);
        var (amounts, plans, regions) = (new NumberColumnBuilder(), new TextColumnBuilder(), new TextColumnBuilder());
        var scores = new double[rows];
        for (var row = 0; row < rows; row++)
        {
            if (random.Next(20) == 0) amounts.AppendNull();
            else amounts.Append(random.NextDouble() * 100);
            plans.Append(random.Next(10) == 0 ? $"rare {random.Next(1_000)}" : random.Next(2) == 0 ? "monthly" : "yearly");
            regions.Append($"region {random.Next(5)}");
            scores[row] = random.NextDouble();
        }

        return (Dataset.FromBatches(Inputs, [new RecordBatch(Inputs, [amounts.Build(), plans.Build(), regions.Build()])]), scores);
    }
}
