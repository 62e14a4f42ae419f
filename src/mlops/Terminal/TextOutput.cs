using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Tool;

/// <summary>
/// The output, for what is written as UTF-8. Another program gets it as it is; where people look, what a terminal would obey is shown as a
/// replacement character.
/// </summary>
internal sealed class TextOutput(Terminal terminal) : Stream
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var letters = new char[_decoder.GetCharCount(buffer, flush: false)];
        var count = _decoder.GetChars(buffer, letters, flush: false);
        for (var i = 0; terminal.IsLookedAt && i < count; i++)
        {
            if (IsObeyed(letters[i])) letters[i] = '\ufffd';
        }
        terminal.Out.Write(letters, 0, count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush() => terminal.Out.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static bool IsObeyed(char letter) => letter is not ('\n' or '\r' or '\t')
        && (char.IsControl(letter) || CharUnicodeInfo.GetUnicodeCategory(letter) is UnicodeCategory.Format);
}
