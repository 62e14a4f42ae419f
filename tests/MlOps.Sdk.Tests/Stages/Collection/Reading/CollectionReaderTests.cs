using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using Polly;
using Polly.Retry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

public sealed class CollectionReaderTests
{
    private static readonly Schema Numbers = new(new Field("n", ColumnType.Integer));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task ReadAsync_SourceThatFailsAtRandom_DeliversEachRowOnceInOrder(int seed)
    {
        var source = new UnreliableSource(1_000, new Random(seed));
        var plan = new CollectionBuilder().From(source).Resilience(Retry(1_000)).Build();
        Assert.That(await ReadAsync(plan), Is.EqualTo(Enumerable.Range(0, 1_000)));
        Assert.That(source.Failures, Is.GreaterThan(20));
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task ReadAsync_SourceThatFailsAtRandom_HandsOverEachMalformedRowOnce(int seed)
    {
        var source = new UnreliableSource(1_000, new Random(seed)) { MalformedEvery = 3 };
        var plan = new CollectionBuilder().From(source).Resilience(Retry(1_000)).Malformed(MalformedRows.Quarantine, 1).Build();
        var malformed = new MalformedSpool();

        var rows = await ReadAsync(plan, malformed: malformed);

        Assert.That(rows, Is.EqualTo(Enumerable.Range(0, 1_000).Where(n => n % 3 != 0)));
        Assert.That((malformed.Count, malformed.Lost, source.Failures > 20), Is.EqualTo((334, 334, true)));
        Assert.That(malformed.Examples.Select(row => row.Line), Is.EqualTo(Enumerable.Range(0, 20).Select(i => i * 3)));
    }

    [Test]
    public async Task ReadAsync_Sample_KeepsTheSameShareOfRowsEachTime()
    {
        CollectionPlan Plan(int seed, bool fails) => new CollectionBuilder()
            .From(new UnreliableSource(5_000, new Random(3)) { Share = fails ? 0.2 : 0 }, read => read.Sample(0.3, seed))
            .Resilience(Retry(1_000))
            .Build();

        var rows = await ReadAsync(Plan(1, false));

        Assert.That(rows, Has.Count.InRange(1_370, 1_630), "4 standard deviations around 1,500");
        Assert.That(rows, Is.Ordered.And.Unique);
        Assert.That(await ReadAsync(Plan(1, true)), Is.EqualTo(rows), "a failure changes nothing");
        Assert.That(await ReadAsync(Plan(2, false)), Is.Not.EqualTo(rows));
    }

    [Test]
    public void ReadAsync_SourceThatNeverRecovers_NamesTheSourceAndTheCause()
    {
        var plan = new CollectionBuilder().From(new UnreliableSource(10, new Random(1)) { Share = 1 }).Resilience(Retry(3)).Build();
        Assert.That(
            async () => await ReadAsync(plan),
            Throws.TypeOf<MlOpsException>().With.Property("DataSource").EqualTo("unreliable").And.InnerException.TypeOf<IOException>());
    }

    [Test]
    public async Task ReadAsync_DefaultPipeline_RetriesThreeTimes()
    {
        var attempts = 0;
        var source = new UnreliableSource(
            10,
            new Random(1)) { Share = 1, Failure = () => ++attempts % 4 == 3 ? new TimeoutException() : new IOException() };
        var plan = new CollectionBuilder().From(source).Build();
        var failure = await Assert.ThrowsAsync<MlOpsException>(
            () => CollectionReader.OpenAsync(plan, null, PluginServices.None, new ImpatientClock()));
        Assert.That(failure!.InnerException, Is.TypeOf<IOException>());
        Assert.That(source.Failures, Is.EqualTo(4));
    }

    [Test]
    public async Task ReadAsync_AttemptThatTimesOut_IsCancelledAndReadAgain()
    {
        var clock = new FakeTimeProvider();
        var hanging = new HangingSource(() => clock.Advance(TimeSpan.FromMinutes(1)));
        var plan = new CollectionBuilder().From(hanging).Resilience(pipeline =>
        {
            pipeline.TimeProvider = clock;
            pipeline
                .AddRetry(new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<Polly.Timeout.TimeoutRejectedException>(),
                    Delay = TimeSpan.Zero
                })
                .AddTimeout(TimeSpan.FromMinutes(1));
        }).Build();
        Assert.That(await ReadAsync(plan), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(hanging.Cancelled, Is.EqualTo(1));
    }

    [Test]
    public async Task ReadAsync_SourceThatChangesBetweenAttempts_IsRefused()
    {
        var versions = 0;
        var source = new UnreliableSource(100, new Random(1)) { NewVersion = () => new ContentVersion($"v{versions++}") };
        var plan = new CollectionBuilder().From(source).Resilience(Retry(1_000)).Build();
        await Assert.ThatAsync(
            () => ReadAsync(plan),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("changed while it was being read"));
    }

    [Test]
    public void ReadAsync_FailureThatIsNotRetried_FailsAtOnce()
    {
        var source = new UnreliableSource(10, new Random(1)) { Share = 1, Failure = () => new MlOpsException("wrong") };
        Assert.That(
            async () => await ReadAsync(new CollectionBuilder().From(source).Build()),
            Throws.TypeOf<MlOpsException>().With.Message.EqualTo("wrong"));
        Assert.That(source.Failures, Is.EqualTo(1));
    }

    [Test]
    public void OpenAsync_PipelineOnSourceThatCannotRepeat_IsRefused()
    {
        var plan = new CollectionBuilder()
            .From(new UnreliableSource(10, new Random(1)) { Share = 0, Repeatable = false })
            .Resilience(Retry(3))
            .Build();
        Assert.That(async () => await ReadAsync(plan), Throws.TypeOf<MlOpsException>().With.Message.Contains("repeatable"));
    }

    [Test]
    public async Task ReadAsync_PipelineOfOneSource_HoldsForThatSourceAlone()
    {
        var once = new UnreliableSource(10, new Random(1)) { Share = 0, Repeatable = false };
        var unreliable = new UnreliableSource(100, new Random(1));
        var plan = new CollectionBuilder().From(once).From(unreliable, read => read.Resilience(Retry(1_000))).Build();
        Assert.That(await ReadAsync(plan), Has.Count.EqualTo(110));
        Assert.That(unreliable.Failures, Is.GreaterThan(3));

        var never = new UnreliableSource(100, new Random(1)) { Share = 1 };
        plan = new CollectionBuilder().From(never, read => read.Resilience(_ => { })).Resilience(Retry(1_000)).Build();
        await Assert.ThatAsync(() => ReadAsync(plan), Throws.TypeOf<MlOpsException>());
        Assert.That(never.Failures, Is.EqualTo(1));
    }

    [Test]
    public async Task DisposeAsync_SourceThatFailsToClose_KeepsNoOtherOpen()
    {
        var (first, last) = (new ClosingSource { Fails = true }, new ClosingSource());
        var reader = await CollectionReader.OpenAsync(
            new CollectionBuilder().From(first).From(last).Build(), null, PluginServices.None, TimeProvider.System);
        await Assert.ThatAsync(
            () => reader.DisposeAsync().AsTask(),
            Throws.TypeOf<MlOpsException>().With.Property("DataSource").EqualTo(first.Name).And.InnerException.TypeOf<IOException>());
        Assert.That((first.Closed, last.Closed), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task ReadAsync_SourceThatCannotRepeat_IsReadWithoutPipeline()
    {
        var plan = new CollectionBuilder().From(new UnreliableSource(10, new Random(1)) { Share = 0, Repeatable = false }).Build();
        Assert.That(await ReadAsync(plan), Is.EqualTo(Enumerable.Range(0, 10)));
    }

    [Test]
    public async Task ReadAsync_SeveralSources_AreConcatenated()
    {
        var plan = new CollectionBuilder().FromObjects([new Item(1), new Item(2)]).FromObjects([new Item(3)], "more").Build();
        await using var reader = await CollectionReader.OpenAsync(plan, null, PluginServices.None, TimeProvider.System);
        Assert.That(reader.Names, Is.EqualTo(new[] { "Item", "more" }));
        Assert.That(reader.Version!.Value, Does.StartWith("sha256:"));
        Assert.That(await ReadAsync(plan), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void OpenAsync_SourcesThatDiffer_NamesTheColumn()
    {
        var plan = new CollectionBuilder().FromObjects([new Item(1)]).FromObjects([new { N = 1.5 }], "other").Build();
        Assert.That(
            async () => await ReadAsync(plan),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("n").And.Message.Contains("Number"));
    }

    [Test]
    public async Task From_TypeFromServices_IsResolvedWhenRead()
    {
        await using var services = new ServiceCollection()
            .AddSingleton(new UnreliableSource(5, new Random(1)) { Share = 0 })
            .BuildServiceProvider();
        var plan = new CollectionBuilder().From<UnreliableSource>().Build();
        Assert.That(await ReadAsync(plan, services), Has.Count.EqualTo(5));
        Assert.That(async () => await ReadAsync(plan), Throws.TypeOf<MlOpsException>().With.Message.Contains("service container"));
    }

    [Test]
    public void Build_WithoutSource_SaysWhatToDo() =>
        Assert.That(() => new CollectionBuilder().Build(), Throws.TypeOf<MlOpsException>().With.Message.Contains("FromCsv"));

    [Test]
    public async Task ReadAsync_Cancelled_IsCancelled()
    {
        using var stop = new CancellationTokenSource();
        var plan = new CollectionBuilder().From(new UnreliableSource(1_000, new Random(1)) { Share = 0 }).Build();
        await using var reader = await CollectionReader.OpenAsync(plan, null, PluginServices.None, TimeProvider.System);
        Assert.That(
            async () =>
            {
                await foreach (var batch in reader.ReadAsync(new MalformedSpool(), stop.Token)) await stop.CancelAsync();
            },
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task FromObjects_AnyBatchSize_GivesAllRowsAndOneVersion()
    {
        var source = new ObjectSource<Item>(Enumerable.Range(0, 100).Select(i => new Item(i)), "items");
        await using var one = await source.OpenAsync(new ReadRequest { BatchSize = 7 });
        await using var other = await source.OpenAsync(new ReadRequest { BatchSize = 100 });
        Assert.That(other.Version, Is.EqualTo(one.Version));
        Assert.That((await Dataset.FromBatchesAsync(one.Schema, one.ReadAsync(new Position(90)))).RowCount, Is.EqualTo(10));
    }

    private static Action<ResiliencePipelineBuilder> Retry(int attempts) => pipeline => pipeline.AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<IOException>(),
        MaxRetryAttempts = attempts,
        Delay = TimeSpan.Zero,
    });

    private static async Task<List<int>> ReadAsync(CollectionPlan plan, IServiceProvider? services = null, MalformedSpool? malformed = null)
    {
        await using var spool = malformed ?? new MalformedSpool();
        await using var reader = await CollectionReader.OpenAsync(plan, null, services ?? PluginServices.None, TimeProvider.System);
        var rows = new List<int>();
        await foreach (var batch in reader.ReadAsync(spool))
        {
            for (var row = 0; row < batch.RowCount; row++) rows.Add((int)batch.Columns[0].GetNumber(row));
        }

        return rows;
    }

    private sealed record Item(int N);

    /// <summary>
    /// Gives 0, 1, 2, … in batches of irregular size, and fails now and then when opened, before a batch, and within one.
    /// </summary>
    private sealed class UnreliableSource(int rows, Random random) : IDataSource
    {
        public string Name => "unreliable";

        public double Share { get; init; } = 0.2;

        public bool Repeatable { get; init; } = true;

        public int MalformedEvery { get; init; } = int.MaxValue;

        public Func<Exception> Failure { get; init; } = () => new IOException("the line is down");

        public Func<ContentVersion?> NewVersion { get; init; } = () => null;

        public int Failures { get; private set; }

        public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
        {
            MayFail();
            return ValueTask.FromResult<IDataScan>(new Scan(this));
        }

        private void MayFail()
        {
            if (random.NextDouble() >= Share) return;
            Failures++;
            throw Failure();
        }

        private sealed class Scan(UnreliableSource source) : IDataScan
        {
            private readonly List<MalformedRow> _malformed = [];

            public Schema Schema => Numbers;

            public ContentVersion? Version { get; } = source.NewVersion();

            public bool IsRepeatable => source.Repeatable;

            public async IAsyncEnumerable<RecordBatch> ReadAsync(
                Position? from = null,
                [EnumeratorCancellation] CancellationToken cancellationToken = default)
            {
                var next = from?.Row ?? 0;
                while (next < source.Rows)
                {
                    await Task.Yield();
                    cancellationToken.ThrowIfCancellationRequested();
                    source.MayFail();
                    var builder = new RecordBatchBuilder(Numbers);
                    for (var count = source.BatchRows(); count > 0 && next < source.Rows; count--, next++)
                    {
                        if (source.IsMalformed(next)) _malformed.Add(new MalformedRow("unreliable", next, null, "is a multiple", ""));
                        else ((IntegerColumnBuilder)builder[0]).Append(next);
                    }

                    source.MayFail();
                    yield return builder.Build();
                }
            }

            public IReadOnlyList<MalformedRow> TakeMalformed()
            {
                MalformedRow[] taken = [.. _malformed];
                _malformed.Clear();
                return taken;
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }

        private bool IsMalformed(long row) => MalformedEvery < int.MaxValue && row % MalformedEvery == 0;

        private int Rows => rows;

        private int BatchRows() => random.Next(0, 12);
    }

    /// <summary>Gives 1, then hangs once and says so, then gives 2 when it is read on behind the first row.</summary>
    private sealed class HangingSource(Action hangs) : IDataSource, IDataScan
    {
        public string Name => "hanging";

        public int Cancelled { get; private set; }

        public Schema Schema => Numbers;

        public ContentVersion? Version => null;

        public bool IsRepeatable => true;

        public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IDataScan>(this);

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            for (var next = (from?.Row ?? 0) + 1; next <= 2; next++)
            {
                if (next == 2 && Cancelled == 0)
                {
                    try
                    {
                        var hanging = Task.Delay(Timeout.Infinite, cancellationToken);
                        hangs();
                        await hanging;
                    }
                    finally
                    {
                        Cancelled++;
                    }
                }

                var builder = new RecordBatchBuilder(Numbers);
                ((IntegerColumnBuilder)builder[0]).Append(next);
                yield return builder.Build();
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ClosingSource : IDataSource, IDataScan
    {
        public string Name => "closing";

        public bool Fails { get; init; }

        public int Closed { get; private set; }

        public Schema Schema => Numbers;

        public ContentVersion? Version => null;

        public bool IsRepeatable => false;

        public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IDataScan>(this);

        public IAsyncEnumerable<RecordBatch> ReadAsync(Position? from = null, CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<RecordBatch>();

        public ValueTask DisposeAsync()
        {
            Closed++;
            return Fails ? throw new IOException("the line is down") : ValueTask.CompletedTask;
        }
    }

    /// <summary>Every timer is due at once.</summary>
    private sealed class ImpatientClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}
