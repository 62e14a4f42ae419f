using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>What every <see cref="IArtifactStore"/> promises. Derive a fixture from it for each store.</summary>
[TestFixture]
public abstract class ArtifactStoreContract
{
    /// <summary>
    /// Makes a store of the place that is tested: two stores that are made in one test are two processes on the same place, which is empty
    /// when the test begins.
    /// </summary>
    protected abstract IArtifactStore Create();

    /// <summary>
    /// Changes the stored bytes of an artifact behind the store's back, or cuts them off; <see langword="false"/> where that cannot be done
    /// from outside, so that the test is skipped. Default: it cannot.
    /// </summary>
    /// <param name="id">The artifact.</param>
    /// <param name="bytes">Its new bytes.</param>
    protected virtual ValueTask<bool> DamageAsync(ArtifactId id, byte[] bytes) => ValueTask.FromResult(false);

    /// <summary>What is put is read as it was, under the hash of its bytes, by every process.</summary>
    /// <param name="size">The bytes.</param>
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(100_003)]
    [TestCase(12_000_001)]
    public async Task PutAsync_AnySize_IsReadBackByOthers(int size)
    {
        var (store, other) = (Create(), Create());
        var bytes = Bytes(size);

        var stored = size % 2 == 0
            ? await store.PutAsync(bytes).ConfigureAwait(false)
            : await PutStreamAsync(store, bytes).ConfigureAwait(false);

        Assert.That((stored.Id, stored.Size), Is.EqualTo((ArtifactId.Of(bytes), (long)size)));
        Assert.That(await other.ReadAllAsync(stored.Id).ConfigureAwait(false), Is.EqualTo(bytes));
        Assert.That(await ReadStreamAsync(other, stored.Id).ConfigureAwait(false), Is.EqualTo(bytes));
        var found = await other.FindAsync(stored.Id).ConfigureAwait(false);
        Assert.That((found!.Id, found.Size), Is.EqualTo((stored.Id, (long)size)));
        Assert.That(await other.ExistsAsync(stored.Id).ConfigureAwait(false), Is.True);
    }

    /// <summary>The same bytes are kept once, however many put them at the same time.</summary>
    [Test]
    public async Task PutAsync_SameBytesAtOnce_AreKeptOnce()
    {
        var stores = new[] { Create(), Create() };
        var bytes = Bytes(300_000);

        var stored = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => stores[i % 2].PutAsync(bytes))).ConfigureAwait(false);

        Assert.That(stored.Select(one => one.Id).Distinct().Count(), Is.EqualTo(1));
        Assert.That((await ListAsync(stores[0]).ConfigureAwait(false)).Select(one => one.Id), Is.EqualTo(new[] { stored[0].Id }));
        Assert.That(await stores[1].ReadAllAsync(stored[0].Id).ConfigureAwait(false), Is.EqualTo(bytes));
    }

    /// <summary>Putting the same bytes again renews the time of the artifact, so that it is not collected as an old one.</summary>
    [Test]
    public async Task PutAsync_Again_RenewsTheTime()
    {
        var store = Create();
        var first = await store.PutAsync("again"u8.ToArray()).ConfigureAwait(false);
        var known = await store.FindAsync(first.Id).ConfigureAwait(false);
        await WaitAsync().ConfigureAwait(false);

        await store.PutAsync("again"u8.ToArray()).ConfigureAwait(false);

        var renewed = await store.FindAsync(first.Id).ConfigureAwait(false);
        Assert.That(renewed!.StoredAt, Is.GreaterThan(known!.StoredAt));
    }

    /// <summary>Lets time go by, so that a later time can be told from an earlier one. Default: 1.1 seconds.</summary>
    protected virtual Task WaitAsync() => Task.Delay(TimeSpan.FromSeconds(1.1));

    /// <summary>All artifacts are listed, with their sizes.</summary>
    [Test]
    public async Task ListAsync_Several_NamesAll()
    {
        var store = Create();
        Assert.That(await ListAsync(store).ConfigureAwait(false), Is.Empty);
        var put = new List<(ArtifactId, long)>();
        for (var i = 0; i < 20; i++)
        {
            var stored = await store.PutAsync(Bytes(i * 100)).ConfigureAwait(false);
            put.Add((stored.Id, stored.Size));
        }

        var listed = await ListAsync(Create()).ConfigureAwait(false);

        Assert.That(listed.Select(one => (one.Id, one.Size)), Is.EquivalentTo(put));
    }

    /// <summary>What is deleted is gone, and can be put again.</summary>
    [Test]
    public async Task DeleteAsync_Stored_IsGone()
    {
        var store = Create();
        var stored = await store.PutAsync("x"u8.ToArray()).ConfigureAwait(false);

        Assert.That(await store.DeleteAsync(stored.Id).ConfigureAwait(false), Is.True);

        Assert.That(await store.DeleteAsync(stored.Id).ConfigureAwait(false), Is.False);
        Assert.That(await store.FindAsync(stored.Id).ConfigureAwait(false), Is.Null);
        Assert.That(await ListAsync(store).ConfigureAwait(false), Is.Empty);
        await store.PutAsync("x"u8.ToArray()).ConfigureAwait(false);
        Assert.That(await store.ReadAllAsync(stored.Id).ConfigureAwait(false), Is.EqualTo("x"u8.ToArray()));
    }

    /// <summary>What is not there is an error that names it, with a remedy.</summary>
    [Test]
    public void Read_NotThere_IsAnError()
    {
        var (store, id) = (Create(), ArtifactId.Of("none"u8));

        foreach (var read in new Func<Task>[] { () => store.ReadAllAsync(id), () => ReadStreamAsync(store, id) })
        {
            Assert.That(
                async () => await read().ConfigureAwait(false),
                Throws.TypeOf<MlOpsException>().With.Message.Contains(id.Hex).And.Property(nameof(MlOpsException.Remedy)).Not.Null);
        }
    }

    /// <summary>A put whose content fails, or that is cancelled, stores nothing.</summary>
    [Test]
    public async Task PutAsync_ContentFailsOrIsCancelled_StoresNothing()
    {
        var store = Create();
        using var cancelled = new CancellationTokenSource();
        using var failing = new BadStream(() => throw new FormatException());
        using var endless = new BadStream(cancelled.Cancel);

        Assert.That(async () => await store.PutAsync(failing).ConfigureAwait(false), Throws.TypeOf<FormatException>());
        Assert.That(
            async () => await store.PutAsync(endless, cancelled.Token).ConfigureAwait(false),
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That(await ListAsync(store).ConfigureAwait(false), Is.Empty);
    }

    /// <summary>Bytes that are not those that were put are never given as them; putting them again heals the artifact.</summary>
    [Test]
    public async Task Read_Damaged_IsAnErrorUntilItIsPutAgain()
    {
        var store = Create();
        var bytes = Bytes(5_000);
        var stored = await store.PutAsync(bytes).ConfigureAwait(false);
        var flipped = bytes.ToArray();
        flipped[2_500] ^= 1;
        foreach (var damaged in new[] { flipped, bytes[..^1], [.. bytes, 0] })
        {
            if (!await DamageAsync(stored.Id, damaged).ConfigureAwait(false)) Assert.Ignore("The store cannot be damaged from outside.");

            foreach (var read in new Func<Task>[] { () => store.ReadAllAsync(stored.Id), () => ReadStreamAsync(store, stored.Id) })
            {
                Assert.That(
                    async () => await read().ConfigureAwait(false), Throws.TypeOf<MlOpsException>().With.Message.Contains("damaged"));
            }

            await store.PutAsync(bytes).ConfigureAwait(false);
            Assert.That(await store.ReadAllAsync(stored.Id).ConfigureAwait(false), Is.EqualTo(bytes));
        }
    }

    /// <summary>Content is stored from its position on, also where it cannot be read twice, and stays open.</summary>
    /// <param name="canSeek">Whether the content can be read twice.</param>
    [TestCase(true)]
    [TestCase(false)]
    public async Task PutAsync_FromAPosition_StoresTheRest(bool canSeek)
    {
        var store = Create();
        var bytes = "beginning and end"u8.ToArray();
        using var content = canSeek ? new MemoryStream(bytes) : new OnceStream(bytes);
        await content.ReadExactlyAsync(new byte["beginning and ".Length]).ConfigureAwait(false);

        var put = await store.PutAsync(content).ConfigureAwait(false);

        Assert.That(put.Id, Is.EqualTo(ArtifactId.Of("end"u8)));
        Assert.That(content.CanRead, Is.True);
        Assert.That(await store.ReadAllAsync(put.Id).ConfigureAwait(false), Is.EqualTo("end"u8.ToArray()));
    }

    /// <summary>What is cancelled ends as cancelled, and changes nothing.</summary>
    [Test]
    public async Task Calls_Cancelled_AreCancelled()
    {
        var store = Create();
        var stored = await store.PutAsync("x"u8.ToArray()).ConfigureAwait(false);
        var cancelled = new CancellationToken(canceled: true);

        foreach (var call in new Func<Task>[]
        {
            () => store.PutAsync("y"u8.ToArray(), cancelled),
            () => store.PutAsync(new MemoryStream([1]), cancelled),
            () => store.OpenAsync(stored.Id, cancelled),
            () => store.ReadAllAsync(stored.Id, cancelled),
            () => store.FindAsync(stored.Id, cancelled),
            () => store.ExistsAsync(stored.Id, cancelled),
            () => store.DeleteAsync(stored.Id, cancelled),
            async () =>
            {
                await foreach (var _ in store.ListAsync(cancelled).ConfigureAwait(false)) Assert.Fail("It lists.");
            },
        })
        {
            Assert.That(async () => await call().ConfigureAwait(false), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That((await ListAsync(store).ConfigureAwait(false)).Select(one => one.Id), Is.EqualTo(new[] { stored.Id }));
    }

    /// <summary>A read that is cancelled in the middle ends as cancelled, and one of a stream that is disposed of fails.</summary>
    [Test]
    public async Task OpenAsync_CancelledOrDisposedInTheMiddle_IsNotReadOn()
    {
        var (store, bytes) = (Create(), Bytes(3_000_000));
        var stored = await store.PutAsync(bytes).ConfigureAwait(false);
        var stream = await store.OpenAsync(stored.Id).ConfigureAwait(false);
        var buffer = new byte[1_000];
        using var cancel = new CancellationTokenSource();

        await stream.ReadExactlyAsync(buffer, cancel.Token).ConfigureAwait(false);
        await cancel.CancelAsync().ConfigureAwait(false);

        Assert.That(buffer, Is.EqualTo(bytes[..1_000]));
        Assert.That(
            async () => await stream.ReadExactlyAsync(buffer, cancel.Token).ConfigureAwait(false),
            Throws.InstanceOf<OperationCanceledException>());
        await stream.DisposeAsync().ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
        Assert.That(
            async () => await stream.ReadExactlyAsync(buffer).ConfigureAwait(false), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(await store.ReadAllAsync(stored.Id).ConfigureAwait(false), Is.EqualTo(bytes));
    }

    /// <summary>What is deleted while it is read is read to its end, or an error; never other bytes.</summary>
    [Test]
    public async Task DeleteAsync_WhileItIsRead_IsTheSameBytesOrAnError()
    {
        var (store, bytes) = (Create(), Bytes(3_000_000));
        var stored = await store.PutAsync(bytes).ConfigureAwait(false);
        var stream = await store.OpenAsync(stored.Id).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var copy = new MemoryStream();
            var beginning = new byte[1_000];
            await stream.ReadExactlyAsync(beginning).ConfigureAwait(false);
            await Create().DeleteAsync(stored.Id).ConfigureAwait(false);
            try
            {
                await stream.CopyToAsync(copy).ConfigureAwait(false);
            }
            catch (MlOpsException)
            {
                return;
            }

            Assert.That((byte[])[.. beginning, .. copy.ToArray()], Is.EqualTo(bytes));
        }
    }

    private static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private static async Task<ArtifactInfo> PutStreamAsync(IArtifactStore store, byte[] bytes)
    {
        using var content = new MemoryStream(bytes);
        return await store.PutAsync(content).ConfigureAwait(false);
    }

    private static async Task<byte[]> ReadStreamAsync(IArtifactStore store, ArtifactId id)
    {
        using var copy = new MemoryStream();
        var stream = await store.OpenAsync(id).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false)) await stream.CopyToAsync(copy).ConfigureAwait(false);
        return copy.ToArray();
    }

    private static async Task<List<ArtifactInfo>> ListAsync(IArtifactStore store)
    {
        var list = new List<ArtifactInfo>();
        await foreach (var artifact in store.ListAsync().ConfigureAwait(false)) list.Add(artifact);
        return list;
    }

    /// <summary>Bytes that are read once, as from a network.</summary>
    private sealed class OnceStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }
    }
}
