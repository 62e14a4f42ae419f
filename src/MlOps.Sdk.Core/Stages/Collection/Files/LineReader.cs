namespace MlOps.Sdk.Collection;

/// <summary>The lines of a UTF-8 stream, without their line breaks and byte order marks. Not thread-safe.</summary>
internal sealed class LineReader(Stream stream, string name)
{
    private const int LongestLine = 64 << 20;
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _length;
    private int _next;
    private int _end;
    private long _discarded;

    /// <summary>The number of the current line, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Where the current line starts.</summary>
    public long Offset => _discarded + _start;

    /// <summary>The current line; valid until the next read.</summary>
    public ReadOnlySpan<byte> Line => _buffer.AsSpan(_start, _length);

    public bool Read()
    {
        _start = _next;
        var scanned = _start;
        while (true)
        {
            var found = _buffer.AsSpan(scanned, _end - scanned).IndexOf((byte)'\n');
            if (found >= 0)
            {
                _length = scanned + found - _start;
                _next = scanned + found + 1;
                break;
            }

            scanned = _end;
            if (Fill(ref scanned)) continue;
            if (_start == _end) return false;
            _length = _end - _start;
            _next = _end;
            break;
        }

        Number++;
        if (_length > 0 && _buffer[_start + _length - 1] == '\r') _length--;

        // Where files were put together, a line begins with the mark of the second.
        while (Line is [0xEF, 0xBB, 0xBF, ..])
        {
            _start += 3;
            _length -= 3;
        }
        return true;
    }

    private bool Fill(ref int scanned)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_discarded, scanned, _end, _start) = (_discarded + _start, scanned - _start, _end - _start, 0);
        }

        if (_end == _buffer.Length)
        {
            if (_end >= LongestLine)
            {
                throw new MlOpsException(
                    "The line is longer than 64 MB.",
                    "Give a file with a JSON object per line, with line breaks between them.") { DataSource = name, Line = Number + 1 };
            }
            Array.Resize(ref _buffer, Math.Min(LongestLine, _buffer.Length * 2));
        }

        var read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
