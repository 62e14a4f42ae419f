using System.Collections.Concurrent;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests.Lakes;

/// <summary>A store that does not answer.</summary>
[TestFixture]
public sealed class SlowStoreTests : LakeFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [TestCase(".csv")]
    [TestCase(".csv.gz")]
    [TestCase(".jsonl")]
    [TestCase(".arrow")]
    [TestCase(".parquet")]
    public async Task OpenAsync_CancelledWhileTheStoreHangs_Ends(string extension)
    {
        for (var i = 0; i < 12; i++) await PutAsync($"t/{i}{extension}", new byte[100]);
        var store = new HangingStore(Store) { Hangs = true };
        using var cancel = new CancellationTokenSource();

        var opening = Source(store).OpenAsync(ReadRequest.All, cancel.Token).AsTask();
        await store.Hanging.Task.WaitAsync(Patience);
        await cancel.CancelAsync();

        Assert.That(async () => await opening.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task ReadAsync_CancelledWhileTheStoreHangs_Ends()
    {
        await PutAsync("t/a.csv", "id\n1\n2\n");
        var store = new HangingStore(Store);
        using var cancel = new CancellationTokenSource();
        await using var scan = await Source(store).OpenAsync(ReadRequest.All);
        store.Hangs = true;

        await using var batches = scan.ReadAsync(null, cancel.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = batches.MoveNextAsync().AsTask();
        await store.Hanging.Task.WaitAsync(Patience);
        await cancel.CancelAsync();

        Assert.That(async () => await next.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
    }

    // The threads of the pool are few, and what waits for the network needs them to go on.
    [Test]
    public async Task Read_ObjectsOfText_WaitOnNoThreadOfThePool()
    {
        var lines = string.Concat(Enumerable.Range(0, 30_000).Select(i => $"{i},some text\n"));
        for (var i = 0; i < 3; i++) await PutAsync($"t/{i}.csv", Encoding.UTF8.GetBytes($"id,text\n{lines}"));
        var threads = new ConcurrentBag<bool>();
        var store = new WatchedStore(Store)
        {
            Opening = _ =>
            {
                threads.Add(Thread.CurrentThread.IsThreadPoolThread);
                return Task.CompletedTask;
            },
        };

        Assert.That(await RowsAsync(Source(store)), Has.Length.EqualTo(90_000));

        // The beginning and the rest of each object, looked at and read.
        Assert.That(threads, Has.Count.EqualTo(12).And.All.False);
    }

    private sealed class HangingStore(IObjectStore inner) : IObjectStore
    {
        public bool Hangs { get; set; }

        public TaskCompletionSource Hanging { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => inner.Name;

        public ValueTask<ObjectPage> ListAsync(string prefix, string? page = null, CancellationToken cancellationToken = default) =>
            inner.ListAsync(prefix, page, cancellationToken);

        public async ValueTask<Stream> OpenAsync(StoredObject stored, long from, long length, CancellationToken cancellationToken = default)
        {
            if (!Hangs) return await inner.OpenAsync(stored, from, length, cancellationToken);
            Hanging.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new IOException("never");
        }

        public ValueTask<StoredObject> PutAsync(string key, Stream content, CancellationToken cancellationToken = default) =>
            inner.PutAsync(key, content, cancellationToken);

        public ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default) =>
            inner.DeleteAsync(key, cancellationToken);
    }
}
