using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Data;

/// <summary>Reads a snapshot from a stream, and trusts none of its bytes: lengths, checksums, codes and totals are checked. Not thread-safe; the stream stays open.</summary>
internal sealed class SnapshotReader
{
    // Memory is taken as bytes arrive, so a length that lies cannot take more than the stream holds.
    private const int Step = 1 << 20;
    private readonly Stream _stream;
    private readonly string _name;
    private byte[] _buffer = new byte[64 * 1024];

    private SnapshotReader(Stream stream, string name)
    {
        _stream = stream;
        _name = name;
    }

    /// <summary>The columns.</summary>
    public Schema Schema { get; private set; } = null!;

    /// <summary>Opens a snapshot.</summary>
    /// <param name="stream">Where it is read from, from the current position to the end.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="ct">Cancels the reading.</param>
    /// <exception cref="MlOpsException">The bytes are not a snapshot, or are damaged.</exception>
    public static async Task<SnapshotReader> OpenAsync(Stream stream, string name, CancellationToken ct = default)
    {
        var reader = new SnapshotReader(stream, name);
        var magic = SnapshotFormat.Magic.Length;
        if (await stream.ReadAtLeastAsync(reader._buffer.AsMemory(0, magic), magic, false, ct).ConfigureAwait(false) < magic
            || !reader._buffer.AsSpan(0, magic - 1).SequenceEqual(SnapshotFormat.Magic[..^1]))
            throw new MlOpsException("The bytes are not a dataset snapshot.", "Give a file that was written as a snapshot.") { DataSource = name };
        if (reader._buffer[magic - 1] != SnapshotFormat.Magic[^1])
            throw new MlOpsException($"The snapshot has the format version {reader._buffer[magic - 1]}.", "Read it with the version of MlOps.Sdk that wrote it, or a newer one.") { DataSource = name };
        var (kind, length) = await reader.BlockAsync(ct).ConfigureAwait(false);
        if (kind != SnapshotFormat.SchemaBlock) throw reader.Damaged("it does not begin with its schema");
        reader.Schema = new SnapshotPayload(reader._buffer.AsMemory(SnapshotFormat.HeaderLength, length), reader.Damaged).Schema();
        return reader;
    }

    /// <summary>Reads the rows; can be enumerated once.</summary>
    public async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        long rows = 0, batches = 0;
        while (true)
        {
            var (kind, length) = await BlockAsync(ct).ConfigureAwait(false);
            var payload = new SnapshotPayload(_buffer.AsMemory(SnapshotFormat.HeaderLength, length), Damaged);
            if (kind == SnapshotFormat.EndBlock)
            {
                if (payload.Int64() != rows || payload.Int64() != batches) throw Damaged("the number of rows is not what its end says");
                if (await _stream.ReadAsync(_buffer.AsMemory(0, 1), ct).ConfigureAwait(false) != 0) throw Damaged("it goes on behind its end");
                yield break;
            }

            if (kind != SnapshotFormat.BatchBlock) throw Damaged($"it has a block of the unknown kind {kind}");
            var batch = payload.Batch(Schema);
            rows += batch.RowCount;
            batches++;
            yield return batch;
        }
    }

    private async ValueTask<(byte Kind, int Length)> BlockAsync(CancellationToken ct)
    {
        await FillAsync(0, SnapshotFormat.HeaderLength, ct).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(1));
        if (length is < 0 or > 0x7000_0000) throw Damaged("the length of a block is out of range");
        var content = SnapshotFormat.HeaderLength + length;
        await FillAsync(SnapshotFormat.HeaderLength, length + SnapshotFormat.ChecksumLength, ct).ConfigureAwait(false);
        var (first, second) = SipHash128.Compute(_buffer.AsSpan(0, content));
        if (BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(content)) != first || BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(content + 8)) != second)
            throw Damaged("a checksum differs");
        return (_buffer[0], length);
    }

    private async ValueTask FillAsync(int at, int count, CancellationToken ct)
    {
        while (count > 0)
        {
            var now = Math.Min(count, Step);
            if (_buffer.Length < at + now) Array.Resize(ref _buffer, Math.Max(at + now, (int)Math.Min((long)_buffer.Length * 2, at + (long)count)));
            if (await _stream.ReadAtLeastAsync(_buffer.AsMemory(at, now), now, false, ct).ConfigureAwait(false) < now) throw Damaged("it ends too early");
            at += now;
            count -= now;
        }
    }

    private MlOpsException Damaged(string how) =>
        new($"The snapshot is damaged: {how}.", "Restore the file from a backup, or run the stage again that wrote it.") { DataSource = _name };
}
