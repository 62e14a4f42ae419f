using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Tests.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exploration;

public sealed class DatasetProfileTests
{
    private static readonly Schema AllTypes = new(
        new Field("n", ColumnType.Number),
        new Field("i", ColumnType.Integer),
        new Field("b", ColumnType.Boolean),
        new Field("t", ColumnType.Text),
        new Field("at", ColumnType.Timestamp));

    [Test]
    public void Merge_AnyTwoParts_IsTheProfileOfBoth() =>
        Prop.ForAll<(double? Number, int? Integer, bool? Boolean, string? Text, uint? Seconds)[], int>((rows, cut) =>
        {
            var at = rows.Length == 0 ? 0 : (int)((uint)cut % (uint)(rows.Length + 1));
            var whole = DatasetProfile.Of(Table(rows));
            var merged = DatasetProfile.Of(Table(rows[..at])).Merge(DatasetProfile.Of(Table(rows[at..])));
            Assert.That(merged.RowCount, Is.EqualTo(rows.Length));
            foreach (var name in AllTypes.Select(field => field.Name))
            {
                RequireSame(merged.ColumnProfiles[name], whole.ColumnProfiles[name], name);
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Test]
    public void Merge_LongColumns_StayWithinTheErrorOfTheSketches([Values(1, 2, 3)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        double[] values = [.. Enumerable.Range(0, 60_000).Select(_ => Math.Exp(6 * random.NextDouble()))];
        var merged = DatasetProfile.Of(Numbers(values[..7_000]))
            .Merge(DatasetProfile.Of(Numbers(values[7_000..40_000])))
            .Merge(DatasetProfile.Of(Numbers(values[40_000..]))).ColumnProfiles["n"];
        var whole = DatasetProfile.Of(Numbers(values)).ColumnProfiles["n"];
        Assert.That(SketchTests.Bytes(merged.Distinct!.Save), Is.EqualTo(SketchTests.Bytes(whole.Distinct!.Save)));
        Assert.That(merged.Moments!.Mean, Is.EqualTo(whole.Moments!.Mean).Within(1e-9 * whole.Moments.Mean));
        Assert.That(merged.Moments.Variance, Is.EqualTo(whole.Moments.Variance).Within(1e-9 * whole.Moments.Variance));
        Assert.That(merged.Moments.Skewness, Is.EqualTo(whole.Moments.Skewness).Within(1e-9 * whole.Moments.Skewness));
        Array.Sort(values);
        var error = merged.Quantiles!.RankError;
        var beyond = Enumerable.Range(1, 99)
            .Count(percent => Math.Abs(merged.Quantiles.Rank(values[percent * 600 - 1]) - percent / 100.0) > error);
        Assert.That(beyond, Is.LessThanOrEqualTo(3), "the error holds for 99 % of the queries");
    }

    [Test]
    public void Merge_OtherColumns_SaysSo() =>
        Assert.That(
            () => DatasetProfile.Of(Numbers([1])).Merge(DatasetProfile.Of(Table([]))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("different columns"));

    [Test]
    public void Merge_ReadFromJson_SaysThatItHasNoSketches()
    {
        var profile = DatasetProfile.Of(Numbers([1, 2]));
        var read = DatasetProfile.FromJson(profile.ToJson());
        Assert.That(() => profile.Merge(read), Throws.TypeOf<MlOpsException>().With.Message.Contains("no sketches"));
    }

    [Test]
    public async Task OfAsync_Source_IsTheProfileOfItsTable()
    {
        Visit[] visits = [.. Enumerable.Range(0, 300).Select(
            i => new Visit(i * 1.5, i % 9 == 0 ? null : $"page {i % 4}", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i)))];
        var source = DataSources.Objects(visits);
        var streamed = await DatasetProfile.OfAsync(source);
        Assert.That(streamed.RowCount, Is.EqualTo(300));
        Assert.That((streamed with { Source = null }).ToJson(), Is.EqualTo(DatasetProfile.Of(await source.ReadAllAsync()).ToJson()));
    }

    [Test]
    public async Task OfAsync_Cancelled_Stops() =>
        await Assert.ThatAsync(
            () => DatasetProfile.OfAsync(DataSources.Objects(new[] { new Visit(1, "a", default) }), new CancellationToken(true)),
            Throws.InstanceOf<OperationCanceledException>());

    [TestCase("\"rowCount\":3", "\"rowCount\":-3", "rowCount is negative")]
    [TestCase("\"name\":\"amount\"", "\"name\":\"flag\"", "columns[1].name is that of an earlier column")]
    [TestCase("\"missing\":1", "\"missing\":-5", "columns[0].missing is -5, not 0 to 3")]
    [TestCase("\"edges\":[0.5,1.5]", "\"edges\":[]", "columns[0].histogram.edges has fewer than two edges")]
    [TestCase("\"edges\":[0.5,1.5]", "\"edges\":[0.5,0.5]", "columns[0].histogram.edges[1] is not an ascending number")]
    [TestCase("\"edges\":[0.5,1.5]", "\"edges\":[0.5,1.5,2.5]", "columns[0].histogram.counts is not one fewer than edges")]
    [TestCase("\"counts\":[2]", "\"counts\":[-2]", "columns[0].histogram.counts[0] is negative")]
    [TestCase("\"coveredShare\":1", "\"coveredShare\":1.5", "columns[2].times.coveredShare lies outside 0 to 1")]
    [TestCase("\"type\":\"Integer\"", "\"type\":77", "columns[0].type is unknown")]
    [TestCase("\"columns\":[{", "\"columns\":[null,{", "columns[0] is null")]
    public void FromJson_WhatNoProfileHas_NamesTheMember(string written, string instead, string expected)
    {
        var builder = new RecordBatchBuilder(new Schema(
            new Field("flag", ColumnType.Integer), new Field("amount", ColumnType.Number), new Field("at", ColumnType.Timestamp)));
        for (var row = 0; row < 3; row++)
        {
            if (row == 0) builder[0].AppendNull();
            else ((IntegerColumnBuilder)builder[0]).Append(1);
            ((NumberColumnBuilder)builder[1]).Append(row);
            ((TimestampColumnBuilder)builder[2]).Append(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(row));
        }

        var json = System.Text.Encoding.UTF8.GetString(DatasetProfile.Of(Dataset.FromBatches(builder.Schema, [builder.Build()])).ToJson());
        Assert.That(json, Does.Contain(written));
        var at = json.IndexOf(written, StringComparison.Ordinal);
        var changed = System.Text.Encoding.UTF8.GetBytes(json[..at] + instead + json[(at + written.Length)..]);

        Assert.That(
            () => DatasetProfile.FromJson(changed),
            Throws.TypeOf<MlOpsException>()
                .With.Property("Problem")
                .EqualTo($"The profile is damaged: {expected}.")
                .And.Property("Remedy")
                .EqualTo("Profile the rows again."));
    }

    [TestCase("minimum")]
    [TestCase("maximum")]
    [TestCase("lowerQuartile")]
    [TestCase("median")]
    [TestCase("upperQuartile")]
    public void FromJson_NumberThatValuesHaveIsAnother_IsRefusedOrSuggestsAll(string member)
    {
        var refused = 0;
        foreach (var value in new[] { "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "-1", "1e300", "-1e300" })
        {
            for (var column = 0; column < Visits().Columns.Count; column++)
            {
                var json = System.Text.Json.Nodes.JsonNode.Parse(Visits().ToJson())!;
                json["columns"]![column]![member] = System.Text.Json.Nodes.JsonNode.Parse(value);
                var changed = System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
                try
                {
                    Assert.That(DatasetProfile.FromJson(changed).Suggest(), Is.Not.Empty);
                }
                catch (MlOpsException e)
                {
                    Assert.That(e.Problem, Does.StartWith($"The profile is damaged: columns[{column}]."), value);
                    refused++;
                }
            }
        }

        Assert.That(refused, Is.GreaterThan(0));
    }

    [Test]
    public void FromJson_Mutated_IsRefusedOrMakesAPage([Values(1, 2)] int seed)
    {
        var report = SampleAnalyzerTests.Report(SampleAnalyzerTests.Rows(300));
        var random = new SeededRandom((ulong)seed);
        var (refused, read) = (0, 0);
        foreach (var (json, show) in new (byte[], Func<byte[], string>)[]
        {
            (Visits().ToJson(), bytes => DatasetProfile.FromJson(bytes).ToHtml() + DatasetProfile.FromJson(bytes)),
            (report.ToJson(), bytes => ExplorationReport.FromJson(bytes).ToHtml()),
        })
        {
            Assert.That(show(json), Does.Contain("</html>"));
            for (var i = 0; i < 1_000; i++)
            {
                var mutated = Mutate(json, ref random);
                try
                {
                    Assert.That(show(mutated), Does.EndWith("</html>\n").Or.Contain("rows"));
                    read++;
                }
                catch (MlOpsException)
                {
                    refused++;
                }
                catch (Exception e) when (e is not AssertionException)
                {
                    Assert.Fail($"{e}\n{System.Text.Encoding.UTF8.GetString(mutated)[..Math.Min(mutated.Length, 20_000)]}");
                }
            }
        }

        Assert.That(Math.Min(refused, read), Is.GreaterThan(100), $"both happen: {refused} refused, {read} read");
    }

    /// <summary>A number, text or list replaced by another of the same document or by an extreme one, or bytes changed at random.</summary>
    private static byte[] Mutate(byte[] json, ref SeededRandom random)
    {
        var text = System.Text.Encoding.UTF8.GetString(json);
        if (random.Next(5) == 0)
        {
            var bytes = (byte[])json.Clone();
            bytes[random.Next(bytes.Length)] = (byte)(32 + random.Next(95));
            return bytes;
        }

        string[] extreme =
        [
            "-1", "0", "1e308", "-1e308", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "9223372036854775807", "-9223372036854775808", "null",
            "[]", "{}", "\"\"", "2147483647", "0.5", "true", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "\"-1.00:00:00\"",
            "\"\\ud800\""
        ];
        var values = System.Text.RegularExpressions.Regex.Matches(
            text,
            "(?<=[:\\[,])(-?[0-9][-+0-9.eE]*|\"(?:[^\"\\\\]|\\\\.)*\"(?!:)|\\[[^\\[\\]{}]*\\]|null|true|false)");
        var builder = new System.Text.StringBuilder(text);
        for (var times = 1 + random.Next(2); times > 0; times--)
        {
            var value = values[random.Next(values.Count)];
            if (value.Index + value.Length > builder.Length) continue;
            var instead = random.Next(3) == 0 ? values[random.Next(values.Count)].Value : extreme[random.Next(extreme.Length)];
            builder.Remove(value.Index, value.Length).Insert(value.Index, instead);
        }

        return System.Text.Encoding.UTF8.GetBytes(builder.ToString());
    }

    private static DatasetProfile Visits() => DatasetProfile.Of(
        DataSources.Objects(Enumerable.Range(0, 300).Select(i => new Visit(
            i * 1.5 - 40,
            i % 9 == 0 ? null : $"page {i % 4}",
            new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i + (i > 200 ? 90 : 0)))))
            .ReadAllAsync()
            .GetAwaiter()
            .GetResult());

    [Test]
    public void ToJson_ReadBack_HasEveryNumber()
    {
        var profile = DatasetProfile.Of(
            Table([(double.NaN, 1, true, "a b", 5), (1.5, null, null, null, 100), (double.PositiveInfinity, 7, false, "", null)]));
        var read = DatasetProfile.FromJson(profile.ToJson());
        Assert.That(read.ToJson(), Is.EqualTo(profile.ToJson()));
        Assert.That(
            () => DatasetProfile.FromJson(profile.ToJson().AsSpan(0, 50)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("damaged"));
        Assert.That(read.Columns[0].NotANumber, Is.EqualTo(1));
        Assert.That(read.Columns[3].Characters, Is.EqualTo(new CharacterCounts(2, 0, 1, 0, 1, 2)));
        Assert.That(read.Columns[4].Times, Is.EqualTo(profile.Columns[4].Times));
        Assert.That(read.Columns[0].Histogram!.Counts, Is.EqualTo(new long[] { 1 }));
    }

    [Test]
    public void ToHtml_EveryType_NamesColumnsAndNumbers()
    {
        var page = DatasetProfile.Of(Table([.. Enumerable.Range(0, 40)
            .Select(i => ((double?)i, (int?)i, (bool?)(i % 2 == 0), (string?)$"level {i % 3}", (uint?)(i * 3600)))]))
            .ToHtml("Visits & more");
        Assert.That(
            page,
            Does.StartWith("<!DOCTYPE html>")
                .And.Contain("<h1>Visits &amp; more</h1>")
                .And.Contain("40 rows, 5 columns")
                .And.Contain("level 2")
                .And.Contain("usual step"));
    }

    [Test]
    public void ToHtml_NoRows_SaysThatThereAreNoValues() => Assert.That(DatasetProfile.Of(Table([])).ToHtml(), Does.Contain("no values"));

    private static void RequireSame(ColumnProfile merged, ColumnProfile whole, string name)
    {
        Assert.That(
            (merged.Count, merged.Missing, merged.Infinite, merged.Characters),
            Is.EqualTo((whole.Count, whole.Missing, whole.Infinite, whole.Characters)),
            name);
        var (a, b) = (merged.Moments!, whole.Moments!);
        Assert.That((a.Count, a.Minimum, a.Maximum), Is.EqualTo((b.Count, b.Minimum, b.Maximum)), name);
        var largest = Math.Max(Math.Abs(b.Minimum), Math.Abs(b.Maximum));
        Close(a.Mean, b.Mean, 1e-9 * largest);

        // A mean of points in time has a rounding error of its own, against which a variance of a second is small.
        Close(a.Variance, b.Variance, 1e-9 * b.Variance + 1e-15 * largest * Math.Sqrt(b.Variance));
        Assert.That(SketchTests.Bytes(merged.Distinct!.Save), Is.EqualTo(SketchTests.Bytes(whole.Distinct!.Save)), name);
        if (whole.Times is { } times) Assert.That(TimeCoverageTests.Bytes(merged.Times!), Is.EqualTo(TimeCoverageTests.Bytes(times)), name);
        if (whole.Items is { } items) Assert.That(merged.Items!.Top(50), Is.EqualTo(items.Top(50)), name);

        // So few values are all kept: the sketches are exact.
        if (whole.Quantiles is { } quantiles)
        {
            Assert.That(
                Enumerable.Range(0, 11).Select(i => merged.Quantiles!.Quantile(i / 10.0)),
                Is.EqualTo(Enumerable.Range(0, 11).Select(i => quantiles.Quantile(i / 10.0))),
                name);
        }
        var read = ColumnProfile.Read(SketchTests.Bytes(merged.Save));
        Assert.That(SketchTests.Bytes(read.Save), Is.EqualTo(SketchTests.Bytes(merged.Save)), name);
        Assert.That(read.Characters, Is.EqualTo(merged.Characters), name);

        void Close(double ours, double expected, double tolerance)
        {
            if (!double.IsFinite(expected)) return;
            Assert.That(ours, Is.EqualTo(expected).Within(tolerance + double.Epsilon), name);
        }
    }

    private static Dataset Numbers(double[] values)
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("n", ColumnType.Number)));
        foreach (var value in values) ((NumberColumnBuilder)builder[0]).Append(value);
        return Dataset.FromBatches(builder.Schema, [builder.Build()]);
    }

    private static Dataset Table((double? Number, int? Integer, bool? Boolean, string? Text, uint? Seconds)[] rows)
    {
        var builder = new RecordBatchBuilder(AllTypes);
        foreach (var row in rows)
        {
            if (row.Number is { } number)
            {
                ((NumberColumnBuilder)builder[0]).Append(
                    Math.Abs(number) > 1e60 && double.IsFinite(number) ? Math.Sign(number) * 1e60 : number);
            }
            else
            {
                builder[0].AppendNull();
            }
            if (row.Integer is { } integer) ((IntegerColumnBuilder)builder[1]).Append(integer);
            else builder[1].AppendNull();
            if (row.Boolean is { } boolean) ((BooleanColumnBuilder)builder[2]).Append(boolean);
            else builder[2].AppendNull();
            ((TextColumnBuilder)builder[3]).Append(row.Text);
            if (row.Seconds is { } seconds)
            {
                ((TimestampColumnBuilder)builder[4]).Append(new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(seconds));
            }
            else
            {
                builder[4].AppendNull();
            }
        }

        return Dataset.FromBatches(AllTypes, [builder.Build()]);
    }

    private sealed record Visit(double Seconds, string? Page, DateTime At);
}
