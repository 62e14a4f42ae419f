using System.Security.Cryptography;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>Passes reads through and hashes what was read, also as it was after a number of bytes. Not thread-safe.</summary>
internal sealed class HashingStream(Stream inner, long checkpoint, CancellationToken cancellationToken) : ForwardStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;
    private byte _last;

    /// <summary>The hash of the bytes up to the checkpoint; <see langword="null"/> as long as there were fewer.</summary>
    public string? HashAtCheckpoint { get; private set; }

    /// <summary>Whether the line at whose end the checkpoint was has been continued.</summary>
    public bool IsContinued { get; private set; }

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>The hash of all bytes so far.</summary>
    public string Hash() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override int Read(Span<byte> buffer)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var count = inner.Read(buffer);
        var read = buffer[..count];
        if (checkpoint > 0 && _length <= checkpoint && _length + count >= checkpoint && count > 0) Check(read);
        else _hash.AppendData(read);
        _length += count;
        if (count > 0) _last = read[^1];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }

    private void Check(ReadOnlySpan<byte> read)
    {
        var before = (int)(checkpoint - _length);
        _hash.AppendData(read[..before]);
        HashAtCheckpoint ??= Hash();
        _hash.AppendData(read[before..]);
        if (before == read.Length) return;
        var last = before > 0 ? read[before - 1] : _last;
        IsContinued = last is not ((byte)'\n' or (byte)'\r') && read[before] is not ((byte)'\n' or (byte)'\r');
    }
}
