using System.Diagnostics;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>
/// What every <see cref="WarehouseDialect"/> promises: profile, expectations, drift verdicts and split of a table are those of the same
/// rows in memory. Derive a fixture from it for each dialect, with a server that it may write to.
/// </summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public abstract class WarehouseDialectContract
{
    private const double RankError = 0.0075;
    private const double Rounding = 1e-9;
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);
    private readonly Dictionary<(int Rows, int Seed, double Shift), Task<(Dataset Rows, WarehouseTable Table)>> _loaded = [];

    /// <summary>The types of columns that the database has. Default: all but vectors.</summary>
    protected virtual IReadOnlyCollection<ColumnType> Types =>
        [ColumnType.Number, ColumnType.Integer, ColumnType.Boolean, ColumnType.Text, ColumnType.Timestamp];

    /// <summary>The smallest step of times that the database stores. Default: a microsecond.</summary>
    protected virtual TimeSpan TimeResolution => TimeSpan.FromMicroseconds(1);

    /// <summary>Rows of the larger tables, at least 5,000. Default: 20,000.</summary>
    protected virtual int RowCount => 20_000;

    /// <summary>Creates a table and fills it.</summary>
    /// <param name="name">The table's name, letters and digits.</param>
    /// <param name="rows">Its rows; names of columns have quotes, spaces and backslashes.</param>
    /// <param name="configure">To be handed to the <see cref="Warehouse"/>.</param>
    /// <returns>The table.</returns>
    protected abstract Task<WarehouseTable> LoadAsync(string name, Dataset rows, Action<WarehouseOptions> configure);

    /// <summary>
    /// A query of one number that takes minutes. Default: the largest sum over all triples of <see cref="RowCount"/> rows.
    /// </summary>
    /// <param name="table">A table of <see cref="RowCount"/> rows with the column <c>id</c> of whole numbers.</param>
    protected virtual string SlowQuery(WarehouseTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var id = table.Warehouse.Dialect.Quote(WarehouseRows.Key);
        return $"SELECT max(a.{id} + b.{id} % 7 + c.{id} % 5) AS slowest " +
            $"FROM ({table.Sql}) AS a CROSS JOIN ({table.Sql}) AS b CROSS JOIN ({table.Sql}) AS c";
    }

    /// <summary>Counts, extremes, moments, texts and times are those in memory, and quantiles within their error.</summary>
    [TestCase(300, 1)]
    [TestCase(0, 2)]
    public async Task ProfileAsync_Table_IsThatOfTheRowsInMemory(int rowCount, int seed)
    {
        var (rows, table) = await LoadAsync(rowCount == 0 ? RowCount : rowCount, seed).ConfigureAwait(false);
        var memory = DatasetProfile.Of(rows);

        var profile = await table.ProfileAsync().ConfigureAwait(false);

        Assert.That(profile.RowCount, Is.EqualTo(rows.RowCount));
        Assert.That(
            profile.Columns.Select(column => (column.Name, column.Type)),
            Is.EqualTo(memory.Columns.Select(column => (column.Name, column.Type))));
        Assert.That(profile.Findings, Is.EqualTo(memory.Findings));
        using (Assert.EnterMultipleScope())
        {
            for (var i = 0; i < profile.Columns.Count; i++) AreEqual(profile.Columns[i], memory.Columns[i], rows.Columns[i]);
        }
    }

    /// <summary>A table without rows has a profile, too.</summary>
    [Test]
    public async Task ProfileAsync_NoRows_HasNoValues()
    {
        var rows = WarehouseRows.Create(1, 9, Types, TimeResolution);
        var table = await LoadAsync("none", rows.Take([]), _ => { }).ConfigureAwait(false);

        var profile = await table.ProfileAsync().ConfigureAwait(false);

        Assert.That(profile.RowCount, Is.Zero);
        Assert.That(profile.Columns, Has.Count.EqualTo(rows.Schema.Count));
        Assert.That(profile.Columns.Sum(column => column.Missing), Is.Zero);
    }

    /// <summary>Each expectation fails for as many rows as in memory.</summary>
    [Test]
    public async Task CheckAsync_Expectations_FailForTheRowsOfMemory()
    {
        var (rows, table) = await LoadAsync(RowCount, 3).ConfigureAwait(false);
        var reference = WarehouseRows.Create(200, 4, Types, TimeResolution);
        var expectations = Expectations(reference);

        var results = await table.CheckAsync(check =>
        {
            foreach (var expectation in expectations) check.Expect(expectation);
        }).ConfigureAwait(false);

        using (Assert.EnterMultipleScope())
        {
            foreach (var (expectation, result) in expectations.Zip(results))
            {
                var (failed, problem) = InMemory(expectation, rows);
                Assert.That(result.Name, Is.EqualTo(expectation.Name));
                Assert.That(result.RowsChecked, Is.EqualTo(rows.RowCount), expectation.Name);
                Assert.That(result.RowsFailed, Is.EqualTo(failed), expectation.Description);
                Assert.That(result.Problem is null, Is.EqualTo(problem is null), $"{expectation.Description}: {result.Problem}");
            }
        }
        Assert.That(results.Count(result => result.RowsFailed > 0), Is.AtLeast(results.Count / 3), "The rows fail too little.");
    }

    /// <summary>What depends on the order of rows, or is a team's own, is rejected.</summary>
    [Test]
    public async Task CheckAsync_DependsOnOrder_IsRejected()
    {
        var (_, table) = await LoadAsync(300, 1).ConfigureAwait(false);

        Assert.That(
            () => table.CheckAsync(check => check.Expect(row => row.Column(WarehouseRows.Key).IsIncreasing())),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("order"));
        Assert.That(
            () => table.CheckAsync(check => check.Expect(row => row.Column("no such column").NotNull())),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no such column"));
    }

    /// <summary>The verdict on every column is that of the comparison in memory, whether rows drifted or not.</summary>
    [TestCase(0)]
    [TestCase(0.3)]
    public async Task CompareAsync_Tables_GiveTheVerdictsOfMemory(double shift)
    {
        var (before, reference) = await LoadAsync(RowCount, 5).ConfigureAwait(false);
        var (after, current) = await LoadAsync(RowCount, 6, shift).ConfigureAwait(false);
        var memory = await TableComparison.OfAsync(new DatasetSource(before), new DatasetSource(after)).ConfigureAwait(false);

        var comparison = await current.CompareAsync(reference).ConfigureAwait(false);

        Assert.That(comparison.ReferenceRows, Is.EqualTo(before.RowCount));
        Assert.That(comparison.CurrentRows, Is.EqualTo(after.RowCount));
        Assert.That(comparison.SchemaChanges, Is.Empty);
        Assert.That(Verdicts(comparison), Is.EqualTo(Verdicts(memory)));
        Assert.That(comparison.HasChanged, Is.EqualTo(shift > 0));
        using (Assert.EnterMultipleScope())
        {
            foreach (var (column, other) in comparison.Columns.Zip(memory.Columns))
            {
                Assert.That(column.Reference.Sum(), Is.EqualTo(before.RowCount), column.Name);
                Assert.That(column.Current.Sum(), Is.EqualTo(after.RowCount), column.Name);
                Assert.That((column.Reference[^1], column.Current[^1]), Is.EqualTo((other.Reference[^1], other.Current[^1])), column.Name);
                if (!column.HasLevels || column.Bins.Count != other.Bins.Count || column.Bins.Count > 50) continue;
                Assert.That(Counts(column), Is.EquivalentTo(Counts(other)), column.Name);
            }
        }
    }

    /// <summary>Every row is on the side that a lifecycle gives it.</summary>
    [Test]
    public async Task SplitAsync_Table_HasTheSidesOfALifecycle()
    {
        var (rows, table) = await LoadAsync(RowCount, 3).ConfigureAwait(false);
        string[][] keys =
        [
            [WarehouseRows.Key],
            [WarehouseRows.Large, WarehouseRows.Key],
            [.. new[] { WarehouseRows.Key, WarehouseRows.Level, WarehouseRows.Flag, WarehouseRows.At }.Where(rows.Schema.Contains)],
        ];
        foreach (var key in keys)
        {
            var ids = (IntegerColumn)rows[WarehouseRows.Key];
            long[] holdout = [.. PortableSides.HoldoutOf(rows, "split", 0.3, key).Select(row => ids.Values[row])];

            var split = await table.SplitAsync("split", 0.3, key).ConfigureAwait(false);
            var heldOut = await split.Holdout.ToSource().ReadAllAsync().ConfigureAwait(false);

            var read = ((IntegerColumn)heldOut[WarehouseRows.Key]).Values.ToArray();
            Assert.That(read.Order(), Is.EqualTo(holdout.Order()), string.Join(", ", key));
            Assert.That((split.TrainRows, split.HoldoutRows), Is.EqualTo(((long)rows.RowCount - holdout.Length, (long)holdout.Length)));
            Assert.That((await split.Train.ProfileAsync().ConfigureAwait(false)).RowCount, Is.EqualTo(split.TrainRows));
        }
    }

    /// <summary>A row without a value in its key is an error, and so is a key that databases write in their own way.</summary>
    [Test]
    public async Task SplitAsync_NoKey_IsRejected()
    {
        var (_, table) = await LoadAsync(RowCount, 3).ConfigureAwait(false);

        Assert.That(
            () => table.SplitAsync("split", 0.3, [WarehouseRows.Small]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no value"));
        Assert.That(
            () => table.SplitAsync("split", 0.3, [WarehouseRows.Amount]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("portable"));
    }

    /// <summary>A token that is cancelled ends the statement that runs.</summary>
    [Test]
    public async Task ProfileAsync_CancelledInAStatement_Ends()
    {
        using var cancel = new CancellationTokenSource();
        var told = new Told(() => cancel.CancelAfter(TimeSpan.FromMilliseconds(300)));
        var slow = await SlowAsync("cancelled", options => options.Progress = told).ConfigureAwait(false);
        var began = Stopwatch.GetTimestamp();

        Assert.That(() => slow.ProfileAsync(cancel.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(cancel.IsCancellationRequested, "No statement began.");
        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(s_soon));
    }

    /// <summary>A statement that takes longer than it may is ended, and the error names the option.</summary>
    [Test]
    public async Task ProfileAsync_StatementTakesTooLong_SaysWhichLimit()
    {
        var slow = await SlowAsync(
            "limited", options => options.CommandTimeout = TimeSpan.FromMilliseconds(300)).ConfigureAwait(false);
        var began = Stopwatch.GetTimestamp();

        Assert.That(
            () => slow.ProfileAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(nameof(WarehouseOptions.CommandTimeout)));

        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(s_soon));
    }

    /// <summary>A table that does not exist is an error that names it.</summary>
    [Test]
    public async Task SchemaAsync_NoSuchTable_SaysSo()
    {
        var (_, table) = await LoadAsync(300, 1).ConfigureAwait(false);

        Assert.That(
            () => table.Warehouse.Table("no_such_table").SchemaAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no_such_table"));
    }

    private static IEnumerable<(string Column, MonitoringVerdict Verdict)> Verdicts(TableComparison comparison) =>
        comparison.Findings.Select(finding => (finding.Measurement.Subject, finding.Verdict));

    private static IEnumerable<(string Bin, long Reference, long Current)> Counts(ComparedColumn column) =>
        column.Bins.Select((bin, i) => (bin, column.Reference[i], column.Current[i]));

    private Task<(Dataset Rows, WarehouseTable Table)> LoadAsync(int rowCount, int seed, double shift = 0)
    {
        // Tests share tables, and may run at the same time.
        lock (_loaded)
        {
            if (!_loaded.TryGetValue((rowCount, seed, shift), out var loaded))
            {
                _loaded.Add((rowCount, seed, shift), loaded = CreateAsync(rowCount, seed, shift));
            }
            return loaded;
        }
    }

    private async Task<(Dataset Rows, WarehouseTable Table)> CreateAsync(int rowCount, int seed, double shift)
    {
        var rows = WarehouseRows.Create(rowCount, seed, Types, TimeResolution, shift);
        return (rows, await LoadAsync($"rows{rowCount}s{seed}d{(int)(10 * shift)}", rows, _ => { }).ConfigureAwait(false));
    }

    private async Task<WarehouseTable> SlowAsync(string name, Action<WarehouseOptions> configure)
    {
        var rows = WarehouseRows.Create(RowCount, 7, Types, TimeResolution);
        var table = await LoadAsync(name, rows, configure).ConfigureAwait(false);
        return table.Warehouse.Query(SlowQuery(table), name);
    }

    private IReadOnlyList<IExpectation> Expectations(Dataset reference)
    {
        var expect = new List<Func<ExpectationRows, IExpectation>>
        {
            rows => rows.RowCount(10),
            rows => rows.RowCount(1, 10),
            rows => rows.Column(WarehouseRows.Amount).NotNull(),
            rows => rows.Column(WarehouseRows.Amount).Between(80, 120),
            rows => rows.Column(WarehouseRows.Amount).Between(double.NegativeInfinity, double.MaxValue),
            rows => rows.Column(WarehouseRows.Amount).MeanBetween(0, 200),
            rows => rows.Column(WarehouseRows.Skewed).MeanBetween(0, 0.01),
            rows => rows.Column(WarehouseRows.Amount).QuantileBetween(0.5, 95, 105),
            rows => rows.Column(WarehouseRows.Amount).QuantileBetween(0.5, 0, 50),
            rows => rows.Column(WarehouseRows.Small).NotNull(),
            rows => rows.Column(WarehouseRows.Small).Between(0, 10),
            rows => rows.Column(WarehouseRows.Small).In("1", "2", "3"),
            rows => rows.Column(WarehouseRows.Small).Unique(),
            rows => rows.Column(WarehouseRows.Key).Unique(),
            rows => rows.Columns(WarehouseRows.Small, WarehouseRows.Amount).AreOrdered(),
            rows => rows.Columns(WarehouseRows.Small, WarehouseRows.Key).AreEqual(),
            rows => rows.Columns(WarehouseRows.Small, WarehouseRows.Skewed).AddUpTo(WarehouseRows.Constant, 5),
            rows => rows.Unique(WarehouseRows.Small, WarehouseRows.Constant),
            rows => rows.Fulfil("small_amount", row => row.Number(WarehouseRows.Amount) > 10 * row.Number(WarehouseRows.Small)),
        };
        if (Types.Contains(ColumnType.Text))
        {
            expect.Add(rows => rows.Column(WarehouseRows.Level).In("red", "O'Brien \"x\"", "back\\slash", "🦆\tüber"));
            expect.Add(rows => rows.Column(WarehouseRows.Level).NotNull());
            expect.Add(rows => rows.Column(WarehouseRows.Level).Matches("^[a-zü]+$"));
            expect.Add(rows => rows.Column(WarehouseRows.Level).LengthBetween(1, 6));
            expect.Add(rows => rows.Column(WarehouseRows.Free).LengthBetween(15, 15));
            expect.Add(rows => rows.Column(WarehouseRows.Many).OccursIn(reference, WarehouseRows.Many));
            expect.Add(rows => rows.Column(WarehouseRows.Free).Unique());
        }
        if (Types.Contains(ColumnType.Boolean)) expect.Add(rows => rows.Column(WarehouseRows.Flag).Between(0, 0));
        if (Types.Contains(ColumnType.Timestamp))
        {
            var limit = (new DateTime(2019, 6, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds;
            expect.Add(rows => rows.Column(WarehouseRows.At).Between(0, limit));
            expect.Add(rows => rows.Column(WarehouseRows.At).NotOlderThan(TimeSpan.FromDays(1)));
        }

        // The list that a warehouse fills gives the rows.
        return [.. expect.Select(ChosenBy)];
    }

    private static IExpectation ChosenBy(Func<ExpectationRows, IExpectation> choose)
    {
        IExpectation? chosen = null;
        LifecycleBuilder.Create("chosen").ProcessData(data => data.Expect(rows => chosen = choose(rows)));
        return chosen!;
    }

    private static (long Failed, string? Problem) InMemory(IExpectation expectation, Dataset rows)
    {
        var check = expectation.Begin(rows.Schema);
        long failed = 0;
        foreach (var batch in rows.ToBatches())
        {
            var ofBatch = new bool[batch.RowCount];
            check.Check(batch, ofBatch);
            failed += ofBatch.Count(row => row);
        }

        return (failed, check.Complete());
    }

    private static void AreEqual(ColumnSummary column, ColumnSummary memory, Column rows)
    {
        var name = column.Name;
        Assert.That(
            (column.Count, column.Missing, column.Infinite, column.NotANumber),
            Is.EqualTo((memory.Count, memory.Missing, memory.Infinite, memory.NotANumber)),
            name);
        Assert.That((column.Minimum, column.Maximum), Is.EqualTo((memory.Minimum, memory.Maximum)), name);
        IsNear(column.Mean, memory.Mean, Math.Max(Math.Abs(memory.Minimum), Math.Abs(memory.Maximum)), $"mean of {name}");
        IsNear(column.StandardDeviation, memory.StandardDeviation, memory.StandardDeviation, $"standard deviation of {name}");
        IsNear(column.Skewness, memory.Skewness, 1e3, $"skewness of {name}");
        IsNear(column.Kurtosis, memory.Kurtosis, 1e5, $"kurtosis of {name}");
        Assert.That(column.Distinct, Is.EqualTo(rows.DistinctValues()), $"distinct values of {name}");
        if (memory.IsUnique is { } isUnique) Assert.That(column.IsUnique, Is.EqualTo(isUnique), name);
        Assert.That(column.Characters, Is.EqualTo(memory.Characters), name);
        Assert.That(column.Times, Is.EqualTo(memory.Times), name);
        foreach (var (frequent, other) in column.Frequent.Zip(memory.Frequent))
        {
            Assert.That(frequent.Upper, Is.EqualTo(frequent.Lower), name);
            Assert.That(frequent.Lower, Is.AtLeast(other.Lower), name);
            if (other.Lower == other.Upper) Assert.That(frequent, Is.EqualTo(other), name);
        }

        if (column.Type == ColumnType.Text) return;
        double[] sorted = [.. Enumerable.Range(0, rows.Length).Select(rows.GetNumber).Where(double.IsFinite).Order()];
        HasRank(sorted, column.LowerQuartile, 0.25, name);
        HasRank(sorted, column.Median, 0.5, name);
        HasRank(sorted, column.UpperQuartile, 0.75, name);
        if (sorted.Length == 0) return;
        Assert.That(column.Histogram!.Counts.Sum() + column.Histogram.Below + column.Histogram.Above, Is.EqualTo(sorted.Length), name);
    }

    private static void IsNear(double value, double expected, double scale, string what)
    {
        var tolerance = Rounding * Math.Max(Math.Abs(scale), Math.Abs(expected)) + double.Epsilon;
        if (double.IsNaN(expected)) Assert.That(value, Is.NaN, what);
        else Assert.That(value, Is.EqualTo(expected).Within(tolerance), what);
    }

    private static void HasRank(double[] sorted, double value, double quantile, string name)
    {
        if (sorted.Length == 0)
        {
            Assert.That(value, Is.NaN, name);
            return;
        }

        var (below, upTo) = (sorted.Count(other => other < value), sorted.Count(other => other <= value));
        Assert.That((double)below / sorted.Length, Is.AtMost(quantile + RankError), $"{quantile} of {name}");
        Assert.That((double)upTo / sorted.Length, Is.AtLeast(quantile - RankError), $"{quantile} of {name}");
    }

    private sealed class Told(Action action) : IProgress<WarehouseProgress>
    {
        public void Report(WarehouseProgress value) => action();
    }
}
