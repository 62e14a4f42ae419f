using System.Globalization;
using System.Text;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>What every <see cref="IObjectStore"/> promises. Derive a fixture from it for each store.</summary>
[TestFixture]
public abstract class ObjectStoreContract
{
    /// <summary>
    /// Makes a store of the place that is tested: two stores that are made in one test are two processes on the same place, which is empty
    /// when the test begins.
    /// </summary>
    protected abstract IObjectStore Create();

    /// <summary>What is put is read as it was, by every process, whole and in ranges.</summary>
    /// <param name="size">The bytes.</param>
    [TestCase(1)]
    [TestCase(100_003)]
    [TestCase(12_000_001)]
    public async Task PutAsync_AnySize_IsReadBackByOthers(int size)
    {
        var (store, other) = (Create(), Create());
        var bytes = Bytes(size, 1);

        var put = await PutAsync(store, "a/b c/naïve+&=%.bin", bytes).ConfigureAwait(false);

        var listed = (await ListAsync(other, "").ConfigureAwait(false)).Single();
        Assert.That((put.Key, put.Size), Is.EqualTo(("a/b c/naïve+&=%.bin", (long)size)));
        Assert.That((listed.Key, listed.Size, listed.ETag), Is.EqualTo((put.Key, put.Size, put.ETag)));
        Assert.That(put.ETag, Is.Not.Empty);
        Assert.That(await ReadAsync(other, listed, 0, size).ConfigureAwait(false), Is.EqualTo(bytes));
        foreach (var (from, length) in new[] { (0, 1), (size - 1, 1), (size / 3, Math.Max(1, size / 3)) })
        {
            Assert.That(
                await ReadAsync(other, listed, from, length).ConfigureAwait(false),
                Is.EqualTo(bytes[from..(from + length)]),
                $"from {from}");
        }
    }

    /// <summary>An object without bytes is one, too.</summary>
    [Test]
    public async Task PutAsync_NoBytes_IsListed()
    {
        var store = Create();

        await PutAsync(store, "empty", []).ConfigureAwait(false);

        Assert.That((await ListAsync(store, "").ConfigureAwait(false)).Single().Size, Is.Zero);
    }

    /// <summary>Content is stored from its position on, and stays open.</summary>
    [Test]
    public async Task PutAsync_FromAPosition_StoresTheRest()
    {
        var store = Create();
        using var content = new MemoryStream("beginning and end"u8.ToArray());
        content.Position = "beginning and ".Length;

        var put = await store.PutAsync("rest", content).ConfigureAwait(false);

        Assert.That(content.CanRead, Is.True);
        Assert.That(await ReadAsync(store, put, 0, put.Size).ConfigureAwait(false), Is.EqualTo("end"u8.ToArray()));
    }

    /// <summary>The objects whose keys begin with a text are listed, each once, over all pages.</summary>
    [Test]
    public async Task ListAsync_Prefix_NamesAllBelowIt()
    {
        var store = Create();
        string[] keys = [.. Enumerable.Range(0, 25).Select(i => $"sales/year={i % 3}/part-{i:D3}.csv"), "salesman/x", "other"];
        foreach (var key in keys) await PutAsync(store, key, [1, 2, 3]).ConfigureAwait(false);

        foreach (var (prefix, count) in new[] { ("sales/", 25), ("sales/year=1/", 8), ("sales", 26), ("", 27), ("none/", 0) })
        {
            var listed = await ListAsync(Create(), prefix).ConfigureAwait(false);
            Assert.That(listed.Select(stored => stored.Key), Is.Unique.And.All.StartsWith(prefix), prefix);
            Assert.That(listed, Has.Count.EqualTo(count), prefix);
        }
    }

    /// <summary>
    /// How many objects <see cref="ListAsync_ManyObjects_NamesEachOnce"/> stores: more than the store lists in a page. Default: 1,100.
    /// </summary>
    protected virtual int ManyObjects => 1_100;

    /// <summary>Of more objects than are in a page, each is listed once, with its size, also of a part of them.</summary>
    [Test]
    public async Task ListAsync_ManyObjects_NamesEachOnce()
    {
        var store = Create();
        string[] keys = [.. Enumerable.Range(0, ManyObjects).Select(i => string.Create(CultureInfo.InvariantCulture, $"many/{i % 7}/{i}"))];
        await Parallel.ForEachAsync(
            keys,
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (key, _) => await PutAsync(store, key, new byte[key.Length % 3]).ConfigureAwait(false)).ConfigureAwait(false);

        var listed = await ListAsync(Create(), "many/").ConfigureAwait(false);
        var part = await ListAsync(Create(), "many/3/").ConfigureAwait(false);

        Assert.That(listed.Select(stored => stored.Key), Is.EquivalentTo(keys));
        Assert.That(listed.Select(stored => stored.Size), Is.EqualTo(listed.Select(stored => (long)(stored.Key.Length % 3))));
        Assert.That(
            part.Select(stored => stored.Key), Is.EquivalentTo(keys.Where(key => key.StartsWith("many/3/", StringComparison.Ordinal))));
    }

    /// <summary>Keys of any language are stored, listed below their folders, read and deleted as they are.</summary>
    /// <param name="key">The key.</param>
    [TestCase("日本/東京=1/表.csv")]
    [TestCase("Ω/é/e\u0301")]
    [TestCase("𝄞/😀=😀/x")]
    [TestCase("a b+c/%2e%2e/%41?#&=;,'\"/~")]
    [TestCase("..a/b../.../c")]
    public async Task Calls_KeyOfAnyCharacters_AreOfThatObject(string key)
    {
        var (store, other) = (Create(), Create());
        await PutAsync(store, key, "there"u8.ToArray()).ConfigureAwait(false);
        await PutAsync(store, "other", "x"u8.ToArray()).ConfigureAwait(false);

        var listed = (await ListAsync(other, key[..(key.LastIndexOf('/') + 1)]).ConfigureAwait(false)).Single();

        Assert.That(listed.Key, Is.EqualTo(key));
        Assert.That(await ReadAsync(other, listed, 0, 5).ConfigureAwait(false), Is.EqualTo("there"u8.ToArray()));
        Assert.That(await other.DeleteAsync(key).ConfigureAwait(false), Is.True);
        Assert.That((await ListAsync(store, "").ConfigureAwait(false)).Select(one => one.Key), Is.EqualTo(new[] { "other" }));
    }

    /// <summary>A key of 1,024 characters is one, where no part of it is longer than 200; a longer one is rejected.</summary>
    [Test]
    public async Task PutAsync_LongKey_IsStoredOrRefused()
    {
        var store = Create();
        var key = string.Join('/', Enumerable.Repeat(new string('k', 200), 5)) + "/" + new string('n', 19);
        Assert.That(key, Has.Length.EqualTo(1_024));

        await PutAsync(store, key, [1]).ConfigureAwait(false);

        Assert.That((await ListAsync(store, "").ConfigureAwait(false)).Single().Key, Is.EqualTo(key));
        Assert.That(
            async () => await PutAsync(store, key + "n", [1]).ConfigureAwait(false), Throws.InstanceOf<ArgumentException>());
    }

    /// <summary>The name of a place is the same for all processes: by it, a later run finds what was read before.</summary>
    [Test]
    public void Name_OfOnePlace_IsTheSame()
    {
        Assert.That(Create().Name, Is.Not.Null.And.Not.Empty.And.EqualTo(Create().Name));
    }

    /// <summary>Other bytes under a key have another ETag, also of the same size, however fast one follows the other.</summary>
    [Test]
    public async Task PutAsync_Again_ReplacesAndHasAnotherETag()
    {
        var store = Create();
        var etags = new List<string>();
        for (byte i = 0; i < 20; i++)
        {
            etags.Add((await PutAsync(store, "key", [i, i, i]).ConfigureAwait(false)).ETag);
            var listed = (await ListAsync(store, "").ConfigureAwait(false)).Single();
            Assert.That(listed.ETag, Is.EqualTo(etags[i]));
            Assert.That(await ReadAsync(store, listed, 0, 3).ConfigureAwait(false), Is.EqualTo(new[] { i, i, i }));
        }

        Assert.That(etags, Is.Unique);
    }

    /// <summary>An object that has another content than when it was listed, or is gone, is an error that names it.</summary>
    [Test]
    public async Task OpenAsync_ChangedOrGone_IsAnError()
    {
        var store = Create();
        var changed = await PutAsync(store, "lake/changed.csv", Bytes(1_000, 1)).ConfigureAwait(false);
        var gone = await PutAsync(store, "lake/gone.csv", Bytes(1_000, 2)).ConfigureAwait(false);
        await PutAsync(store, changed.Key, Bytes(1_000, 3)).ConfigureAwait(false);
        await store.DeleteAsync(gone.Key).ConfigureAwait(false);

        foreach (var stored in new[] { changed, gone })
        {
            Assert.That(
                async () => await ReadAsync(store, stored, 500, 10).ConfigureAwait(false),
                Throws.TypeOf<MlOpsException>()
                    .With.Message.Matches("changed|deleted").And.Message.Contains(stored.Key)
                    .And.Property(nameof(MlOpsException.Remedy)).Not.Empty);
        }
    }

    /// <summary>
    /// Whether a put shows at once. <see langword="false"/> only for an emulator of a store that does what the emulator does not: the test
    /// of it is skipped. Default: <see langword="true"/>.
    /// </summary>
    protected virtual bool ReplacesAtOnce => true;

    /// <summary>Whoever reads while others write sees the bytes of one content, or an error, and never parts of both.</summary>
    [Test]
    public async Task OpenAsync_WhileOthersWrite_IsOneContentOrAnError()
    {
        const int Size = 300_000;
        if (!ReplacesAtOnce) Assert.Ignore("The emulator does not replace objects at once.");
        var (writer, reader) = (Create(), Create());
        await PutAsync(writer, "key", Same(0, Size)).ConfigureAwait(false);
        var writing = Task.Run(async () =>
        {
            for (byte i = 1; i <= 20; i++) await PutAsync(writer, "key", Same(i, Size)).ConfigureAwait(false);
        });
        var read = 0;
        while (!writing.IsCompleted || read == 0)
        {
            var stored = (await ListAsync(reader, "").ConfigureAwait(false)).Single();
            try
            {
                var bytes = await ReadAsync(reader, stored, 0, stored.Size).ConfigureAwait(false);
                Assert.That(bytes.Distinct().Count(), Is.EqualTo(1));
                read++;
            }
            catch (MlOpsException e) when (e.Message.Contains("changed", StringComparison.Ordinal))
            {
            }
        }

        await writing.ConfigureAwait(false);
    }

    /// <summary>What is deleted is gone, and can be put again.</summary>
    [Test]
    public async Task DeleteAsync_Stored_IsGone()
    {
        var store = Create();
        await PutAsync(store, "a/x", "x"u8.ToArray()).ConfigureAwait(false);

        Assert.That(await store.DeleteAsync("a/x").ConfigureAwait(false), Is.True);

        Assert.That(await store.DeleteAsync("a/x").ConfigureAwait(false), Is.False);
        Assert.That(await ListAsync(store, "").ConfigureAwait(false), Is.Empty);
        await PutAsync(store, "a/x", "x"u8.ToArray()).ConfigureAwait(false);
        Assert.That(await ListAsync(store, "a/").ConfigureAwait(false), Has.Count.EqualTo(1));
    }

    /// <summary>A put whose content fails, or that is cancelled, stores nothing, and leaves what was there.</summary>
    [Test]
    public async Task PutAsync_ContentFailsOrIsCancelled_StoresNothing()
    {
        var store = Create();
        await PutAsync(store, "there", "before"u8.ToArray()).ConfigureAwait(false);
        using var cancelled = new CancellationTokenSource();
        foreach (var key in new[] { "there", "new/one" })
        {
            using var failing = new BadStream(() => throw new FormatException());
            using var endless = new BadStream(cancelled.Cancel);

            Assert.That(async () => await store.PutAsync(key, failing).ConfigureAwait(false), Throws.TypeOf<FormatException>());
            Assert.That(
                async () => await store.PutAsync(key, endless, cancelled.Token).ConfigureAwait(false),
                Throws.InstanceOf<OperationCanceledException>());
        }

        var stored = (await ListAsync(store, "").ConfigureAwait(false)).Single();
        Assert.That(await ReadAsync(store, stored, 0, stored.Size).ConfigureAwait(false), Is.EqualTo("before"u8.ToArray()));
    }

    /// <summary>Keys that could lead out of a folder are rejected before anything is sent.</summary>
    /// <param name="key">The key.</param>
    [TestCase("")]
    [TestCase("/etc/passwd")]
    [TestCase("../outside")]
    [TestCase("a/../../outside")]
    [TestCase("a//b")]
    [TestCase("a/./b")]
    [TestCase("folder/")]
    [TestCase("a\\..\\b")]
    [TestCase("line\nbreak")]
    [TestCase("null\0")]
    public void Calls_HostileKey_AreRefused(string key)
    {
        var store = Create();

        Assert.That(async () => await PutAsync(store, key, [1]).ConfigureAwait(false), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await store.DeleteAsync(key).ConfigureAwait(false), Throws.InstanceOf<ArgumentException>());
    }

    /// <summary>A range that is not in the object is rejected.</summary>
    [Test]
    public async Task OpenAsync_RangeOutside_IsRefused()
    {
        var store = Create();
        var stored = await PutAsync(store, "ten", new byte[10]).ConfigureAwait(false);

        foreach (var (from, length) in new[] { (-1L, 1L), (0, 0), (0, 11), (10, 1), (5, 6) })
        {
            Assert.That(
                async () => await store.OpenAsync(stored, from, length).ConfigureAwait(false),
                Throws.InstanceOf<ArgumentOutOfRangeException>(),
                $"{from}, {length}");
        }
    }

    /// <summary>A read that is cancelled in the middle ends as cancelled, and one of a stream that is disposed of fails.</summary>
    [Test]
    public async Task OpenAsync_CancelledOrDisposedInTheMiddle_IsNotReadOn()
    {
        const int Size = 3_000_000;
        var store = Create();
        var stored = await PutAsync(store, "x", Bytes(Size, 1)).ConfigureAwait(false);
        var stream = await store.OpenAsync(stored, 10, Size - 10).ConfigureAwait(false);
        var buffer = new byte[1_000];
        using var cancel = new CancellationTokenSource();

        await stream.ReadExactlyAsync(buffer, cancel.Token).ConfigureAwait(false);
        await cancel.CancelAsync().ConfigureAwait(false);

        Assert.That(buffer, Is.EqualTo(Bytes(Size, 1)[10..1_010]));
        Assert.That(
            async () => await stream.ReadExactlyAsync(buffer, cancel.Token).ConfigureAwait(false),
            Throws.InstanceOf<OperationCanceledException>());
        await stream.DisposeAsync().ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
        Assert.That(
            async () => await stream.ReadExactlyAsync(buffer).ConfigureAwait(false), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(await ReadAsync(store, stored, Size - 5, 5).ConfigureAwait(false), Is.EqualTo(Bytes(Size, 1)[^5..]));
    }

    /// <summary>What is cancelled ends as cancelled.</summary>
    [Test]
    public async Task Calls_Cancelled_AreCancelled()
    {
        var store = Create();
        var stored = await PutAsync(store, "x", [1]).ConfigureAwait(false);
        var cancelled = new CancellationToken(canceled: true);

        foreach (var call in new Func<Task>[]
        {
            async () => await store.ListAsync("", null, cancelled).ConfigureAwait(false),
            async () => await store.OpenAsync(stored, 0, 1, cancelled).ConfigureAwait(false),
            async () => await store.PutAsync("y", new MemoryStream([1]), cancelled).ConfigureAwait(false),
            async () => await store.DeleteAsync("x", cancelled).ConfigureAwait(false),
        })
        {
            Assert.That(async () => await call().ConfigureAwait(false), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That((await ListAsync(store, "").ConfigureAwait(false)).Select(one => one.Key), Is.EqualTo(new[] { "x" }));
    }

    /// <summary>Tables in the store are read in the order of their keys, with the columns of their folders.</summary>
    [Test]
    public async Task DataSource_ObjectsOfTheStore_AreReadInOrder()
    {
        var store = Create();
        foreach (var (key, rows) in new[]
        {
            ("t/month=2/b.csv", "x,y\n3,c\n"), ("t/month=1/a.csv", "x,y\n1,a\n2,b\n"), ("t/month=10/c.csv", "x,y\n4,d\n"),
        })
        {
            await PutAsync(store, key, Encoding.UTF8.GetBytes(rows)).ConfigureAwait(false);
        }

        var table = await DataSources.Objects(Create(), "t").ReadAllAsync().ConfigureAwait(false);

        Assert.That(
            Enumerable.Range(0, table.RowCount).Select(
                row => $"{table["x"].GetText(row)}{table["y"].GetText(row)}{table["month"].GetText(row)}"),
            Is.EqualTo(new[] { "1a1", "2b1", "4d10", "3c2" }));
    }

    private static byte[] Bytes(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Same(byte value, int size)
    {
        var bytes = new byte[size];
        Array.Fill(bytes, value);
        return bytes;
    }

    private static async Task<StoredObject> PutAsync(IObjectStore store, string key, byte[] bytes)
    {
        using var content = new MemoryStream(bytes);
        return await store.PutAsync(key, content).ConfigureAwait(false);
    }

    private static async Task<byte[]> ReadAsync(IObjectStore store, StoredObject stored, long from, long length)
    {
        using var copy = new MemoryStream();
        var stream = await store.OpenAsync(stored, from, length).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false)) await stream.CopyToAsync(copy).ConfigureAwait(false);
        return copy.ToArray();
    }

    private static async Task<List<StoredObject>> ListAsync(IObjectStore store, string prefix)
    {
        var list = new List<StoredObject>();
        string? next = null;
        do
        {
            var page = await store.ListAsync(prefix, next).ConfigureAwait(false);
            list.AddRange(page.Objects);
            next = page.Next;
        }
        while (next is not null);
        return list;
    }
}
