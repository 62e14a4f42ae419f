using System.Diagnostics;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>
/// What every <see cref="IDataSource"/> and its <see cref="IDataScan"/> promise. Derive a fixture from it for each source.
/// </summary>
[TestFixture]
public abstract class DataSourceContract
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);

    /// <summary>Makes a source with at least 5 rows and 2 columns. Each call gives a source of the same content.</summary>
    protected abstract ValueTask<IDataSource> CreateAsync();

    /// <summary>
    /// Makes a source of the same kind with other rows, to show that its version differs; <see langword="null"/> (the default) for
    /// a source that has no versions.
    /// </summary>
    protected virtual ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(null);

    /// <summary>
    /// Makes a source that takes minutes before it has a row, and may take a time; <see langword="null"/> (the default) for a source that
    /// has no limit of its own.
    /// </summary>
    /// <param name="limit">The time that it may take.</param>
    protected virtual ValueTask<IDataSource?> CreateSlowAsync(TimeSpan limit) => ValueTask.FromResult<IDataSource?>(null);

    /// <summary>What takes longer than it may is ended with an error.</summary>
    [Test]
    public async Task OpenAsync_TakesTooLong_IsAnError()
    {
        var source = await SlowAsync(TimeSpan.FromMilliseconds(300)).ConfigureAwait(false);
        var began = Stopwatch.GetTimestamp();

        Assert.That(() => ReadAsync(source), Throws.TypeOf<MlOpsException>());

        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(s_soon));
    }

    /// <summary>A token ends what takes long.</summary>
    [Test]
    public async Task OpenAsync_CancelledMeanwhile_Ends()
    {
        var source = await SlowAsync(TimeSpan.FromMinutes(2)).ConfigureAwait(false);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var began = Stopwatch.GetTimestamp();

        Assert.That(
            async () =>
            {
                var scan = await source.OpenAsync(ReadRequest.All, cancel.Token).ConfigureAwait(false);
                await using (scan.ConfigureAwait(false))
                {
                    await foreach (var batch in scan.ReadAsync(cancellationToken: cancel.Token).ConfigureAwait(false)) _ = batch;
                }
            },
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(s_soon));
    }

    /// <summary>
    /// The schema, the version and the rows are the same each time that a repeatable source is opened; another may be gone once it is read.
    /// </summary>
    [Test]
    public async Task OpenAsync_Again_SameSchemaVersionAndRows()
    {
        var source = await CreateAsync().ConfigureAwait(false);
        var first = await ReadAsync(source).ConfigureAwait(false);

        Assert.That(source.Name, Is.Not.Null.And.Not.Empty);
        Assert.That(first.Rows, Has.Length.AtLeast(5), "The contract needs a source of at least 5 rows.");
        if (!first.IsRepeatable) return;
        var second = await ReadAsync(source).ConfigureAwait(false);
        Assert.That(second.Schema, Is.EqualTo(first.Schema));
        Assert.That(second.Rows, Is.EqualTo(first.Rows));
        Assert.That(second.Version, Is.EqualTo(first.Version));
    }

    /// <summary>Sources of equal content have equal versions, of different content different ones.</summary>
    [Test]
    public async Task Version_OfEqualAndOtherContent_IsEqualAndOther()
    {
        var first = await ReadAsync(await CreateAsync().ConfigureAwait(false)).ConfigureAwait(false);
        var equal = await ReadAsync(await CreateAsync().ConfigureAwait(false)).ConfigureAwait(false);

        Assert.That(equal.Version, Is.EqualTo(first.Version));
        if (await CreateOtherAsync().ConfigureAwait(false) is not { } source)
        {
            Assert.That(first.Version, Is.Null, "A source with a version must override CreateOtherAsync, to show that other rows have " +
                "another version.");
            return;
        }

        var other = await ReadAsync(source).ConfigureAwait(false);
        Assert.That(other.Rows, Is.Not.EqualTo(first.Rows), "CreateOtherAsync must return other rows.");
        Assert.That(other.Version, Is.Not.Null.And.Not.EqualTo(first.Version));
    }

    /// <summary>Batches have the schema of the scan and at most the rows that were requested, and the size changes no row.</summary>
    [Test]
    public async Task ReadAsync_SmallBatches_MatchTheSchemaAndGiveTheSameRows()
    {
        var all = await ReadAsync(await CreateAsync().ConfigureAwait(false)).ConfigureAwait(false);
        var rows = new List<string>();
        var scan = await (await CreateAsync().ConfigureAwait(false)).OpenAsync(new ReadRequest { BatchSize = 2 }).ConfigureAwait(false);
        await using (scan.ConfigureAwait(false))
        {
            await foreach (var batch in scan.ReadAsync().ConfigureAwait(false))
            {
                Assert.That(batch.Schema, Is.EqualTo(scan.Schema));
                Assert.That(batch.RowCount, Is.InRange(1, 2));
                rows.AddRange(Cells.Of(batch));
            }
        }

        Assert.That(rows, Is.EqualTo(all.Rows));
    }

    /// <summary>A repeatable source that is read on from a position gives what is behind it: no row is lost, none is doubled.</summary>
    [Test]
    public async Task ReadAsync_FromAPosition_GivesTheRowsBehindIt()
    {
        var source = await CreateAsync().ConfigureAwait(false);
        var all = await ReadAsync(source).ConfigureAwait(false);
        if (!all.IsRepeatable) return;
        foreach (var start in new[] { 0, 1, 2, all.Rows.Length / 2, all.Rows.Length - 1, all.Rows.Length })
        {
            var rest = await ReadAsync(source, new ReadRequest { BatchSize = 2 }, new Position(start)).ConfigureAwait(false);
            Assert.That(rest.Rows, Is.EqualTo(all.Rows.Skip(start)), $"from row {start}");
        }
    }

    /// <summary>Every column can be read alone, and all in another order.</summary>
    [Test]
    public async Task OpenAsync_SomeColumns_GivesTheseInThatOrder()
    {
        var scan = await (await CreateAsync().ConfigureAwait(false)).OpenAsync(ReadRequest.All).ConfigureAwait(false);
        Dataset all;
        await using (scan.ConfigureAwait(false)) all = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()).ConfigureAwait(false);
        var names = all.Schema.Select(field => field.Name).ToArray();

        foreach (var columns in names.Select(name => new[] { name }).Append([.. names.Reverse()]))
        {
            var schema = new Schema(columns.Select(column => all.Schema[column]));
            var expected = new RecordBatch(schema, [.. columns.Select(column => all[column])]);
            var read = await ReadAsync(
                await CreateAsync().ConfigureAwait(false),
                new ReadRequest { Columns = columns }).ConfigureAwait(false);
            Assert.That(read.Schema, Is.EqualTo(schema));
            Assert.That(read.Rows, Is.EqualTo(Cells.Of(expected)));
        }
    }

    /// <summary>A column that does not exist is rejected by name.</summary>
    [Test]
    public async Task OpenAsync_UnknownColumn_IsRefusedByName()
    {
        var source = await CreateAsync().ConfigureAwait(false);

        Assert.That(
            async () => await ReadAsync(source, new ReadRequest { Columns = ["no such column"] }).ConfigureAwait(false),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("no such column"));
    }

    /// <summary>
    /// A reading that was cancelled ends with <see cref="OperationCanceledException"/>, at its beginning and between two batches.
    /// </summary>
    [Test]
    public async Task ReadAsync_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        var scan = await (await CreateAsync().ConfigureAwait(false)).OpenAsync(new ReadRequest { BatchSize = 2 }).ConfigureAwait(false);
        await using (scan.ConfigureAwait(false))
        {
            Assert.That(
                async () =>
                {
                    await foreach (var _ in scan.ReadAsync(null, cancelled.Token).ConfigureAwait(false))
                    {
                        await cancelled.CancelAsync().ConfigureAwait(false);
                    }
                },
                Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(
            async () => await ReadAsync(
                await CreateAsync().ConfigureAwait(false),
                cancellationToken: cancelled.Token).ConfigureAwait(false),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static async Task<(Schema Schema, ContentVersion? Version, bool IsRepeatable, string[] Rows)> ReadAsync(
        IDataSource source, ReadRequest? request = null, Position? from = null, CancellationToken cancellationToken = default)
    {
        var scan = await source.OpenAsync(request ?? ReadRequest.All, cancellationToken).ConfigureAwait(false);
        await using (scan.ConfigureAwait(false))
        {
            var rows = new List<string>();
            await foreach (var batch in scan.ReadAsync(from, cancellationToken).ConfigureAwait(false)) rows.AddRange(Cells.Of(batch));
            return (scan.Schema, scan.Version, scan.IsRepeatable, [.. rows]);
        }
    }

    private async Task<IDataSource> SlowAsync(TimeSpan limit)
    {
        var source = await CreateSlowAsync(limit).ConfigureAwait(false);
        if (source is null) Assert.Ignore("The source has no limit of time of its own: override CreateSlowAsync where it has one.");
        return source!;
    }
}
