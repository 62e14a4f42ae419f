using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Parquet.Tests;

/// <summary>A store whose calls are counted, and can be made to fail. Thread-safe.</summary>
internal sealed class WatchedStore(IObjectStore inner) : IObjectStore
{
    private long _bytes;
    private int _calls;
    private int _opens;

    public string Name => inner.Name;

    /// <summary>The bytes that were read.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How often an object was opened.</summary>
    public int Opens => _opens;

    /// <summary>Calls until the process is dead: then every call fails. Default: it lives.</summary>
    public int LivesFor { get; set; } = int.MaxValue;

    public bool HasDied => _calls >= LivesFor;

    /// <summary>Called when an object is opened.</summary>
    public Func<StoredObject, Task> Opening { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called before each read of an object, with the bytes that were read so far.</summary>
    public Action<StoredObject, long> Reading { get; set; } = (_, _) => { };

    /// <summary>Called before an object is stored, with its key and content.</summary>
    public Action<string, Stream> Putting { get; set; } = (_, _) => { };

    public ValueTask<ObjectPage> ListAsync(string prefix, string? page = null, CancellationToken cancellationToken = default)
    {
        Live();
        return inner.ListAsync(prefix, page, cancellationToken);
    }

    public async ValueTask<Stream> OpenAsync(StoredObject stored, long from, long length, CancellationToken cancellationToken = default)
    {
        Live();
        Interlocked.Increment(ref _opens);
        await Opening(stored);
        return new Watched(this, stored, await inner.OpenAsync(stored, from, length, cancellationToken));
    }

    public ValueTask<StoredObject> PutAsync(string key, Stream content, CancellationToken cancellationToken = default)
    {
        Live();
        Putting(key, content);
        return inner.PutAsync(key, content, cancellationToken);
    }

    public ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        Live();
        return inner.DeleteAsync(key, cancellationToken);
    }

    private void Live()
    {
        if (Interlocked.Increment(ref _calls) > LivesFor) throw new IOException("The process is dead.");
    }

    private sealed class Watched(WatchedStore store, StoredObject stored, Stream stream) : ForwardStream
    {
        private long _read;

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            store.Reading(stored, _read);
            var read = await stream.ReadAsync(buffer, cancellationToken);
            _read += read;
            Interlocked.Add(ref store._bytes, read);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
