using System.Text;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Text of any encoding as UTF-8, without its byte order marks. Bytes that represent no character become bytes that UTF-8 does not know, so
/// that whoever reads on finds them. Not thread-safe.
/// </summary>
internal sealed class DecodingStream : ForwardStream
{
    private const int Step = 32 * 1024;

    // What is undecodable passes through the framework's decoder as U+FFFF, which is not a character and stands in no text.
    private const string Undecodable = "\uFFFF";
    private readonly Stream _inner;
    private readonly Decoder _decoder;
    private readonly Encoder _encoder = new UTF8Encoding(false).GetEncoder();
    private readonly byte[] _bytes = new byte[Step];
    private readonly char[] _chars;
    private readonly byte[] _utf8;
    private int _at;
    private int _end;
    private bool _begun;
    private bool _ended;

    public DecodingStream(Stream inner, Encoding encoding)
    {
        _inner = inner;
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = new DecoderReplacementFallback(Undecodable);
        _decoder = strict.GetDecoder();
        _chars = new char[strict.GetMaxCharCount(Step)];
        _utf8 = new byte[Encoding.UTF8.GetMaxByteCount(_chars.Length)];
    }

    public override int Read(Span<byte> buffer)
    {
        while (_at == _end)
        {
            if (_ended) return 0;
            Fill();
        }

        var count = Math.Min(buffer.Length, _end - _at);
        _utf8.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        var read = _inner.Read(_bytes);
        _ended = read == 0;
        var chars = _chars.AsSpan(0, _decoder.GetChars(_bytes.AsSpan(0, read), _chars, _ended));
        if (!_begun)
        {
            chars = chars.TrimStart('\uFEFF');
            _begun = chars.Length > 0;
        }

        (_at, _end) = (0, _encoder.GetBytes(chars, _utf8, _ended));
        var rest = _utf8.AsSpan(0, _end);
        while (rest.IndexOf([(byte)0xEF, (byte)0xBF, (byte)0xBF]) is >= 0 and var found)
        {
            rest.Slice(found, 3).Fill(0xFF);
            rest = rest[(found + 3)..];
        }
    }
}
