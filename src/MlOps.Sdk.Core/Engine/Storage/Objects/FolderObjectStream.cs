namespace MlOps.Sdk.Storage;

/// <summary>Reads a range of a file that may not change meanwhile. Not thread-safe.</summary>
internal sealed class FolderObjectStream(FileStream file, StoredObject stored, long from, long length, string address) : ForwardStream
{
    private long _position = from;
    private long _left = length;

    /// <exception cref="MlOpsException">The file is another one than that which was listed.</exception>
    public void CheckUnchanged()
    {
        var handle = file.SafeFileHandle;
        var etag = FolderObjectStore.ETagOf(RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle));
        if (etag != stored.ETag) throw ObjectChange.Changed(address);
    }

    public override int Read(Span<byte> buffer)
    {
        if (_left == 0 || buffer.IsEmpty) return 0;
        var read = RandomAccess.Read(file.SafeFileHandle, buffer[..(int)Math.Min(buffer.Length, _left)], _position);
        CheckUnchanged();
        return Advance(read);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.IsEmpty) return 0;
        var read = await RandomAccess.ReadAsync(
            file.SafeFileHandle, buffer[..(int)Math.Min(buffer.Length, _left)], _position, cancellationToken).ConfigureAwait(false);
        CheckUnchanged();
        return Advance(read);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }

    private int Advance(int read)
    {
        _position += read;
        _left -= read;
        return read;
    }
}
