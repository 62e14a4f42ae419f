using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.DuckDb.Tests;

/// <summary>Columns with more different texts than are counted each, and baselines of packages.</summary>
internal sealed class ManyTextsTests
{
    // A quarter of the rows hold one of four texts, the others one of their own.
    private static string Rows(int offset) => string.Create(
        CultureInfo.InvariantCulture,
        $"SELECT CASE WHEN i % 4 = 0 THEN 'often ' || (i // 4 % 4) ELSE 'é🦆 ' || (i + {offset}) END AS t FROM range(160000) AS r(i)");

    private static string Drawn(string shift) =>
        $"SELECT (hash(i) % 1000) / 250.0 + {shift} AS x, CASE WHEN hash(i) % 3 = 0 THEN 'a' ELSE 'b' END AS t FROM range(5000) AS r(i)";

    [Test]
    public async Task ProfileAsync_ManyTexts_CountsFrequentOnesAndLengthsExactly()
    {
        var sql = Rows(0);
        var memory = DatasetProfile.Of(await DataSources.DuckDb(sql).ReadAllAsync()).Columns[0];

        var column = (await Warehouse.DuckDb().Query(sql).ProfileAsync()).Columns[0];

        Assert.That(column.Distinct, Is.EqualTo(120_004));
        Assert.That(column.Frequent, Is.EqualTo(Enumerable.Range(0, 4).Select(i => new FrequentItem($"often {i}", 10_000, 10_000))));
        Assert.That(column.Mean, Is.EqualTo(memory.Mean).Within(1e-9));
        Assert.That(column.StandardDeviation, Is.EqualTo(memory.StandardDeviation).Within(1e-9));
        Assert.That(column.Characters.Digits, Is.InRange((long)(0.9 * memory.Characters.Digits), (long)(1.1 * memory.Characters.Digits)));
        Assert.That(column.IsUnique, Is.False);
    }

    [TestCase(0)]
    [TestCase(100_000)]
    public async Task CompareAsync_ManyTexts_ExpectsNewOnes(int offset)
    {
        var duck = Warehouse.DuckDb();

        var comparison = await duck.Query(Rows(offset)).CompareAsync(duck.Query(Rows(0)));

        var finding = comparison.Findings.Single();
        Assert.That(finding.Verdict, Is.EqualTo(MonitoringVerdict.Stable), "Texts that occur once let expect others.");
        Assert.That(comparison.Columns.Single().Reference.Take(4), Is.All.EqualTo(10_000));
        Assert.That(comparison.Columns.Single().Current.Sum(), Is.EqualTo(160_000));
    }

    [Test]
    public async Task ProfileAsync_EstimateIsTooLarge_FindsTheFrequentText()
    {
        // DuckDB's estimate depends on the texts: those are sought that it takes for far more than there are.
        const int rows = 160_000;
        var (sql, estimate) = ("", 0L);
        for (var seed = 0; estimate < 1.2 * rows && seed < 200; seed++)
        {
            sql = string.Create(
                CultureInfo.InvariantCulture,
                $"SELECT CASE WHEN i % 100 = 0 THEN 'often' ELSE 's{seed} ' || i END AS t FROM range({rows}) AS r(i)");
            var answer = await DataSources.DuckDb($"SELECT approx_count_distinct(t) AS n FROM ({sql})").ReadAllAsync();
            estimate = ((IntegerColumn)answer["n"]).Values[0];
        }
        Assert.That(estimate, Is.AtLeast(1.2 * rows), "No such texts were found.");

        var column = (await Warehouse.DuckDb().Query(sql).ProfileAsync()).Columns[0];

        Assert.That(column.Frequent, Is.EqualTo(new[] { new FrequentItem("often", rows / 100, rows / 100) }));
    }

    [Test]
    public async Task ProfileAsync_MillionsOfValues_EstimatesNoMoreThanThereAre()
    {
        // Of 12 such columns, an estimate without bias exceeds the rows in half.
        var columns = string.Join(
            ", ", Enumerable.Range(1, 12).Select(i => string.Create(CultureInfo.InvariantCulture, $"i + {i}e9 AS c{i}")));

        var profile = await Warehouse.DuckDb().Query($"SELECT {columns} FROM range(2000000) AS r(i)").ProfileAsync();

        Assert.That(profile.Columns.Select(column => column.Distinct), Is.All.InRange(1_000_000, 2_000_000));
    }

    [TestCase(1_000, true)]
    [TestCase(100, false)]
    public async Task ProfileAsync_LongTexts_HoldsASampleWhereTheyAreTooManyBytes(int texts, bool isSampled)
    {
        var steps = new List<string>();
        var progress = new StepList(steps);
        var sql = string.Create(
            CultureInfo.InvariantCulture, $"SELECT i || ' ' || repeat('x', 99990) AS t FROM range({texts}) AS r(i)");

        var column = (await Warehouse.DuckDb(duck => duck.Asking.Progress = progress).Query(sql).ProfileAsync()).Columns[0];

        Assert.That(column.Distinct, Is.EqualTo(texts));
        Assert.That(column.Characters.Letters, Is.InRange(texts * 99_900L, texts * 100_100L));
        Assert.That(steps.Contains("lengths of 't'"), Is.EqualTo(isSampled), string.Join(", ", steps));
    }

    [TestCase(400_000, 160_000)]
    [TestCase(160_000, 400_000)]
    [TestCase(160_000, 50_000)]
    public async Task CompareAsync_SamplesDiffer_AsksForNoFurtherTexts(int before, int after)
    {
        var steps = new List<string>();
        var progress = new StepList(steps);
        var duck = Warehouse.DuckDb(options => options.Asking.Progress = progress);

        var comparison = await duck.Query(Of(after, "y"), "after").CompareAsync(duck.Query(Of(before, "x"), "before"));

        Assert.That(comparison.Findings.Single().Verdict, Is.EqualTo(MonitoringVerdict.Stable), "Texts that occur once let expect others.");
        Assert.That(steps.Where(step => step.StartsWith("texts of", StringComparison.Ordinal)), Has.Exactly(2).Items);

        static string Of(int rows, string prefix) => string.Create(
            CultureInfo.InvariantCulture, $"SELECT '{prefix} ' || i AS t FROM range({rows}) AS r(i)");
    }

    [TestCase("0", false)]
    [TestCase("0.5", true)]
    public async Task CompareAsync_BaselineOfAPackage_GivesTheVerdictOfRows(string shift, bool drifts)
    {
        var training = await DataSources.DuckDb(Drawn("0")).ReadAllAsync();
        var baseline = new PackageBaseline(
            training.RowCount, [.. training.Schema.Select(field => ColumnBaseline.Of(field.Name, training[field.Name]))], []);

        var comparison = await Warehouse.DuckDb().Query(Drawn(shift)).CompareAsync(baseline);

        Assert.That(comparison.Findings.Select(finding => finding.Measurement.Subject), Is.EqualTo(new[] { "x", "t" }));
        Assert.That(comparison.Findings[0].Verdict == MonitoringVerdict.Changed, Is.EqualTo(drifts));
        Assert.That(comparison.Findings[1].Verdict, Is.Not.EqualTo(MonitoringVerdict.Changed));
    }

    private sealed class StepList(List<string> steps) : IProgress<WarehouseProgress>
    {
        public void Report(WarehouseProgress value) => steps.Add(value.Step);
    }
}
