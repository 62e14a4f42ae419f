using System.IO.Compression;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// What a gzip file holds, of one member or several. The framework takes a file that is cut off for one that ends there; so a member of a
/// few known bytes is put behind the file, and when they do not come out at the end, something is missing. Not thread-safe.
/// </summary>
internal sealed class GunzipStream : ForwardStream
{
    private static readonly byte[] Mark = "end of the gzip file"u8.ToArray();
    private static readonly byte[] MarkMember = Compress(Mark);
    private readonly GZipStream _gzip;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly long _maxBytes;
    private readonly string _name;
    private long _unpacked;
    private int _at;
    private int _end;
    private bool _ended;

    /// <param name="inner">The compressed bytes.</param>
    /// <param name="maxBytes">The most that they may hold.</param>
    /// <param name="name">What they are called in messages.</param>
    public GunzipStream(Stream inner, long maxBytes, string name)
    {
        (_maxBytes, _name) = (maxBytes, name);
        _gzip = new GZipStream(new Followed(inner), CompressionMode.Decompress);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or cut off.</exception>
    /// <exception cref="MlOpsException">The file holds more than it may.</exception>
    public override int Read(Span<byte> buffer)
    {
        // The last bytes so far are held back: they may be the mark.
        while (!_ended && _end - _at <= Mark.Length) Fill();
        var count = Math.Min(buffer.Length, _end - _at - (_ended ? 0 : Mark.Length));
        _buffer.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        _unpacked += count;
        return _unpacked <= _maxBytes ? count : throw HttpOptions.TooLarge(nameof(HttpOptions.MaxUnpackedBytes), _maxBytes, _name);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _gzip.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Compress(byte[] bytes)
    {
        var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest)) gzip.Write(bytes);
        return to.ToArray();
    }

    private void Fill()
    {
        _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
        (_at, _end) = (0, _end - _at);
        var read = _gzip.Read(_buffer.AsSpan(_end));
        _end += read;
        if (read > 0) return;
        _ended = true;
        if (!_buffer.AsSpan(0, _end).EndsWith(Mark)) throw new InvalidDataException("The gzip file ends too early.");
        _end -= Mark.Length;
    }

    /// <summary>A stream, and behind it the mark.</summary>
    private sealed class Followed(Stream inner) : ForwardStream
    {
        private int _marked = -1;

        public override int Read(Span<byte> buffer)
        {
            if (_marked < 0 && inner.Read(buffer) is > 0 and var read) return read;
            _marked = Math.Max(_marked, 0);
            var count = Math.Min(buffer.Length, MarkMember.Length - _marked);
            MarkMember.AsSpan(_marked, count).CopyTo(buffer);
            _marked += count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
