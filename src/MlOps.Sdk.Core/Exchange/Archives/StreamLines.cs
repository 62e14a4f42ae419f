using System.Buffers;

namespace MlOps.Sdk;

/// <summary>Reads the lines of a stream as bytes, of bounded length. Not thread-safe.</summary>
internal sealed class StreamLines(Stream stream, int longest) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _start;
    private int _end;

    /// <summary>The next line without its end, valid until the next call; <see langword="null"/> at the end.</summary>
    /// <exception cref="MlOpsException">A line is too long, or the last one has no end.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + found);
                _start += searched + found + 1;
                return line;
            }
            searched = _end - _start;
            if (searched > longest) throw ArchiveReader.Damaged("a line is longer than any is");
            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read > 0) _end += read;
            else if (searched == 0) return null;
            else throw ArchiveReader.Damaged("its last line is cut");
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void MakeRoom()
    {
        var kept = _end - _start;
        if (kept * 2 <= _buffer.Length)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, kept);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            Buffer.BlockCopy(_buffer, _start, larger, 0, kept);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        (_start, _end) = (0, kept);
    }
}
