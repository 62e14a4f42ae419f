using System.Globalization;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Tests.Exploration;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>What the library says does not depend on the culture of the thread.</summary>
[TestFixture]
public sealed class CultureTests
{
    private static readonly DateTime Noon = new(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    [Test]
    public async Task Messages_AnotherCulture_AreTheSame()
    {
        var expected = await MessagesAsync(CultureInfo.InvariantCulture);
        var messages = await MessagesAsync(Foreign());

        Assert.That(expected, Has.Some.Contains("from 2024-05-01 12:05:00 to 2024-05-01 12:10:00"));
        Assert.That(messages, Is.EqualTo(expected));
    }

    private static async Task<List<string>> MessagesAsync(CultureInfo culture)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            // Otherwise the comparison would show nothing.
            Assert.That((-1.5).ToString(CultureInfo.CurrentCulture) == "-1.5", Is.EqualTo(culture == CultureInfo.InvariantCulture));
            return [.. Processing(), .. await PipelineAsync(), .. Statistics(), .. await TablesAsync()];
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static IEnumerable<string> Processing()
    {
        yield return new TimeSplitter("at", 0.25, null, TimeSpan.FromHours(36.5)).Name;
        yield return new TimeSplitter("at", null, Noon, default).Name;
        foreach (var plan in new Func<ExpectationRows, IExpectation>[]
        {
            rows => rows.RowCount(5, 1_000),
            rows => rows.RowCount(5),
            rows => rows.Column("value").Between(-0.5, 1.25),
            rows => rows.Column("value").MeanBetween(-0.5, 1.25),
            rows => rows.Column("value").QuantileBetween(0.95, -0.5, 1.25),
            rows => rows.Column("at").NotOlderThan(TimeSpan.FromHours(1.5)),
        }) yield return plan(new ExpectationRows()).Description;
    }

    private static async Task<List<string>> PipelineAsync()
    {
        var readings = Enumerable.Range(0, 12).Select(i => new { At = Noon.AddMinutes(i), Value = i - 0.5 }).ToArray();
        List<string> messages = [];
        try
        {
            await foreach (var _ in RowPipeline.Create(data => data.Expect(rows => rows.Column("value").Between(-1, 5.5)))
                .ApplyAsync(DataSources.Objects(readings).ByTime("at", TimeSpan.FromMinutes(5))))
            {
                continue;
            }
        }
        catch (ExpectationFailedException e)
        {
            messages.Add(e.Message);
        }

        Assert.That(messages, Has.Count.EqualTo(1));
        return messages;
    }

    private static IEnumerable<string> Statistics()
    {
        QuantileSketch Sketch(int from)
        {
            var sketch = new QuantileSketch();
            for (var i = 0; i < 50_000; i++) sketch.Add(from + i);
            return sketch;
        }

        yield return SketchedSamples.KolmogorovSmirnov(Sketch(0), Sketch(900)).Note!;
        yield return Contingency.ChiSquare([100, 1, 2], [100, 2, 1]).Note!;
        var bins = ReferenceBins.From([-1234.5, -0.25, 0.125, 7, 1e6]);
        for (var i = 0; i < bins.BinCount; i++) yield return bins.Describe(i);
    }

    private static async Task<List<string>> TablesAsync()
    {
        var (before, now) = (DataSources.Objects(Subscriber.Draw(600, 1)), DataSources.Objects(Subscriber.Draw(600, 2, shifted: true)));
        var comparison = await TableComparison.OfAsync(before, now);
        var report = SampleAnalyzerTests.Report(SampleAnalyzerTests.Rows(400));
        return [
            (comparison with { ComparedAt = Noon }).ToHtml(),
            Encoding.UTF8.GetString(comparison.ToJson()),
            report.ToHtml(),
            Encoding.UTF8.GetString(report.ToJson()),
            report.Profile.ToString(),
            report.Profile.Suggest().ToCSharp()
        ];
    }

    /// <summary>
    /// A decimal comma, another sign and other separators of dates and times: no other calendar can be set on a clone of the invariant
    /// culture, and separators show as well as it that the culture is asked.
    /// </summary>
    private static CultureInfo Foreign()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = culture.NumberFormat.PercentDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = culture.NumberFormat.PercentGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = "~";
        culture.NumberFormat.NaNSymbol = "nicht";
        culture.NumberFormat.PositiveInfinitySymbol = "unendlich";
        culture.DateTimeFormat.DateSeparator = "|";
        culture.DateTimeFormat.TimeSeparator = "|";
        culture.DateTimeFormat.ShortDatePattern = "d|M|yyyy";
        culture.DateTimeFormat.LongTimePattern = "H|mm|ss";
        return culture;
    }
}
