using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Data;

/// <summary>
/// Reads an Arrow IPC file or stream, from front to back, and trusts none of its bytes: offsets, lengths, codes and totals are checked.
/// Not thread-safe; the stream stays open.
/// </summary>
internal sealed class ArrowReader
{
    // Memory is taken as bytes arrive, so a length that lies cannot take more than the stream holds.
    private const int Step = 1 << 20;
    private readonly Stream _stream;
    private readonly string _name;
    private readonly Dictionary<long, ArrowDictionary> _dictionaries = [];
    private ArrowColumn[] _columns = [];
    private byte[] _metadata = new byte[4096];
    private byte[] _body = new byte[64 * 1024];

    private readonly bool _isStream;

    private ArrowReader(Stream stream, string name, bool isStream = false)
    {
        _stream = stream;
        _name = name;
        _isStream = isStream;
    }

    /// <summary>The columns.</summary>
    public Schema Schema { get; private set; } = null!;

    /// <summary>Opens a file.</summary>
    /// <param name="stream">Where it is read from, from the current position to the end.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">
    /// The bytes are not an Arrow IPC file, are damaged, or have a column of a type that is not read.
    /// </exception>
    public static async Task<ArrowReader> OpenAsync(Stream stream, string name, CancellationToken cancellationToken = default)
    {
        var reader = new ArrowReader(stream, name);
        var start = new byte[8];
        if (await stream.ReadAtLeastAsync(start, start.Length, false, cancellationToken).ConfigureAwait(false) < start.Length
            || !start.AsSpan(0, ArrowFormat.Magic.Length).SequenceEqual(ArrowFormat.Magic))
        {
            throw new MlOpsException(
                "The bytes are not an Arrow IPC file.",
                "Give a file in the Arrow IPC file format, also called Feather version 2; " +
                    "a stream without the magic ARROW1 is not supported.") { DataSource = name };
        }
        var begin = stream.CanSeek ? stream.Position : 0;
        var length = await reader.MessageAsync(cancellationToken).ConfigureAwait(false);
        if (reader.BeginSchema(length)) return reader;

        // Some writers, apache-arrow for JavaScript among them, put the schema into the footer alone.
        if (!stream.CanSeek) throw reader.Damaged("it does not begin with its schema");
        await reader.FooterAsync(begin, cancellationToken).ConfigureAwait(false);
        stream.Position = begin;
        return reader;
    }

    /// <summary>Opens a stream: the messages of a file without its frame, of which the end of the bytes may be the end.</summary>
    /// <param name="stream">Where it is read from.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">
    /// The bytes are not an Arrow IPC stream, are damaged, or have a column of a type that is not read.
    /// </exception>
    public static async Task<ArrowReader> OpenStreamAsync(Stream stream, string name, CancellationToken cancellationToken = default)
    {
        var reader = new ArrowReader(stream, name, isStream: true);
        var length = await reader.MessageAsync(cancellationToken).ConfigureAwait(false);
        return reader.BeginSchema(length) ? reader : throw reader.Damaged("it does not begin with its schema");
    }

    /// <summary>Reads the rows; can be enumerated once.</summary>
    public IAsyncEnumerable<RecordBatch> ReadAsync(CancellationToken cancellationToken = default) => ReadAsync(Schema, cancellationToken);

    /// <summary>Reads some columns of the rows, and decodes no others; can be enumerated once.</summary>
    /// <param name="columns">Columns of <see cref="Schema"/>; at least one.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        Schema columns,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        int[] ordinals = [.. columns.Select(column => Schema.IndexOf(column.Name))];
        int batches = 0, dictionaries = 0;
        while (true)
        {
            var length = await MessageAsync(cancellationToken).ConfigureAwait(false);
            if (length == 0) break;
            var (kind, body) = Header(length);
            await BodyAsync(body, cancellationToken).ConfigureAwait(false);
            switch (kind)
            {
                case ArrowFormat.DictionaryMessage:
                    dictionaries++;
                    Dictionary(length, body);
                    break;
                case ArrowFormat.BatchMessage:
                    batches++;
                    var rows = Batch(length, body);
                    for (long row = 0; row < rows.RowCount; row += RecordBatch.MaxRows)
                    {
                        var count = (int)Math.Min(RecordBatch.MaxRows, rows.RowCount - row);
                        yield return new RecordBatch(columns, rows.Columns(ordinals, row, count));
                    }

                    break;
                default: throw Damaged($"it has a message of the unknown kind {kind}");
            }
        }

        if (!_isStream) await EndAsync(batches, dictionaries, cancellationToken).ConfigureAwait(false);
    }

    private bool BeginSchema(int length)
    {
        if (length == 0 || Message(length) is var message && message.Byte(1) != ArrowFormat.SchemaMessage) return false;
        if (message.Int64(3) != 0) throw Damaged("its schema has a body");
        SetSchema(message.Table(2));
        return true;
    }

    private async Task FooterAsync(long begin, CancellationToken cancellationToken)
    {
        var end = 4 + ArrowFormat.Magic.Length;
        if (_stream.Length - begin < end) throw Damaged("it ends too early");
        _stream.Position = _stream.Length - end;
        _metadata = await FillAsync(_metadata, end, cancellationToken).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt32LittleEndian(_metadata);
        if (length < 4 || length > _stream.Length - begin - end) throw Damaged("it does not end with its footer");
        _stream.Position = _stream.Length - end - length;
        _metadata = await FillAsync(_metadata, length, cancellationToken).ConfigureAwait(false);
        SetSchema(FlatTable.Root(_metadata.AsSpan(0, length), Damaged).Table(1));
    }

    private void SetSchema(FlatTable schema)
    {
        _columns = ArrowSchema.Read(schema, _name, Damaged);
        Schema = new Schema(_columns.Select(column => column.Field));
    }

    private FlatTable Message(int length) => FlatTable.Root(_metadata.AsSpan(0, length), Damaged);

    private (byte Kind, int Body) Header(int length)
    {
        var message = Message(length);
        var body = message.Int64(3);
        if (body < 0) throw Damaged("the length of a message is out of range");
        if (body > Array.MaxLength)
        {
            throw new MlOpsException(
                "A batch of the Arrow file takes more than 2 GB.",
                "Write it in smaller batches.") { DataSource = _name };
        }
        return (message.Byte(1), (int)body);
    }

    private void Dictionary(int length, int body)
    {
        var header = Message(length).Table(2);
        var id = header.Int64(0);
        if (_columns.All(column => column.Dictionary != id)) throw Damaged("it has a dictionary that no column uses");
        var texts = new ArrowBody(header.Table(1), _body.AsMemory(0, body), _name, Damaged).Dictionary();
        if (header.Byte(2) != 0 && _dictionaries.TryGetValue(id, out var known)) known.Append(texts);
        else _dictionaries[id] = new ArrowDictionary(texts);
    }

    private ArrowRows Batch(int length, int body) =>
        new ArrowBody(Message(length).Table(2), _body.AsMemory(0, body), _name, Damaged).Rows(_columns, _dictionaries);

    // Behind the last message: the footer, its length and the magic.
    private async Task EndAsync(int batches, int dictionaries, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            if (_metadata.Length < length + Step / 16) Array.Resize(ref _metadata, Math.Max(_metadata.Length * 2, length + Step / 16));
            var read = await _stream.ReadAsync(_metadata.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0) break;
            length += read;
        }

        CheckFooter(length - 4 - ArrowFormat.Magic.Length, batches, dictionaries);
    }

    private void CheckFooter(int footer, int batches, int dictionaries)
    {
        if (footer < 4
            || !_metadata.AsSpan(footer + 4, ArrowFormat.Magic.Length).SequenceEqual(ArrowFormat.Magic)
            || BinaryPrimitives.ReadInt32LittleEndian(_metadata.AsSpan(footer)) is var said && (said < 4 || said > footer))
        {
            throw Damaged("it does not end with its footer");
        }
        var table = FlatTable.Root(_metadata.AsSpan(footer - said, said), Damaged);
        table.Structures(2, 24, out var dictionaryCount);
        table.Structures(3, 24, out var batchCount);
        if (batchCount != batches || dictionaryCount != dictionaries) throw Damaged("its footer has a different number of batches");
    }

    // Reads the metadata of the next message; its length is 0 at the end of the batches.
    private async ValueTask<int> MessageAsync(CancellationToken cancellationToken)
    {
        if (_isStream)
        {
            var read = await _stream.ReadAtLeastAsync(_metadata.AsMemory(0, 8), 8, false, cancellationToken).ConfigureAwait(false);
            if (read == 0) return 0;
            if (read < 8) throw Damaged("it ends too early");
        }
        else
        {
            _metadata = await FillAsync(_metadata, 8, cancellationToken).ConfigureAwait(false);
        }
        if (BinaryPrimitives.ReadUInt32LittleEndian(_metadata) != ArrowFormat.Continuation)
        {
            throw Damaged("a message has no continuation marker; files older than Arrow 0.15 are not supported");
        }
        var length = BinaryPrimitives.ReadInt32LittleEndian(_metadata.AsSpan(4));
        if (length is < 0 or > 1 << 30) throw Damaged("the length of a message is out of range");
        _metadata = await FillAsync(_metadata, length, cancellationToken).ConfigureAwait(false);
        return length;
    }

    private async ValueTask BodyAsync(int length, CancellationToken cancellationToken) =>
        _body = await FillAsync(_body, length, cancellationToken).ConfigureAwait(false);

    private async ValueTask<byte[]> FillAsync(byte[] buffer, int count, CancellationToken cancellationToken)
    {
        for (var at = 0; at < count;)
        {
            var now = Math.Min(count - at, Step);
            if (buffer.Length < at + now) Array.Resize(ref buffer, (int)Math.Min(count, Math.Max((long)buffer.Length * 2, at + now)));
            if (await _stream.ReadAtLeastAsync(buffer.AsMemory(at, now), now, false, cancellationToken).ConfigureAwait(false) < now)
            {
                throw Damaged("it ends too early");
            }
            at += now;
        }

        return buffer;
    }

    private MlOpsException Damaged(string how) =>
        new($"The Arrow file is damaged: {how}.", "Restore the file from a backup, or write it again.") { DataSource = _name };
}
