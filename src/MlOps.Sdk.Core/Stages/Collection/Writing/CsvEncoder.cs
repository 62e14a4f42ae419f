using System.Buffers;
using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Writes a table as CSV after RFC 4180, in UTF-8 without a byte order mark, a line feed behind each row. Numbers are the shortest texts
/// that read back as the same number, points in time are ISO 8601 in UTC to the microsecond. Not thread-safe.
/// </summary>
internal sealed class CsvEncoder(Stream stream, string name, CsvSinkOptions options) : IFileEncoder
{
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly byte _delimiter = (byte)options.Delimiter;
    private readonly string _nullText = options.NullToken;
    private readonly byte[] _null = Encoding.UTF8.GetBytes(options.NullToken);
    private readonly SearchValues<char> _quoted = SearchValues.Create([options.Delimiter, '"', '\r', '\n']);
    private Schema _schema = null!;
    private byte[]?[][] _texts = [];
    private long _rows;

    public ValueTask BeginAsync(Schema schema, CancellationToken cancellationToken)
    {
        if (schema.Count == 0) throw new MlOpsException("A CSV file has at least one column.", "Write some.") { DataSource = name };
        if (schema.FirstOrDefault(field => field.Type == ColumnType.Vector) is { } vector)
        {
            throw new MlOpsException(
                "A CSV file cannot hold vectors.",
                "Write an Arrow file, or leave the column out.") { DataSource = name, Column = vector.Name };
        }
        if (schema.Any(field => string.IsNullOrWhiteSpace(field.Name)))
        {
            throw new MlOpsException("A column has no name.", "Give every column one.") { DataSource = name };
        }
        _schema = schema;
        _texts = new byte[]?[schema.Count][];
        for (var i = 0; i < schema.Count; i++)
        {
            if (i > 0) Byte(_delimiter);
            Text(schema[i].Name);
        }

        Byte((byte)'\n');
        return WriteAsync(cancellationToken);
    }

    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        // What a batch of long texts takes is not all in memory twice.
        const int enough = 1 << 20;
        for (var i = 0; i < _texts.Length; i++)
        {
            _texts[i] = batch.Columns[i] is TextColumn texts ? new byte[texts.TextCount][] : [];
        }
        for (var row = 0; row < batch.RowCount; row++)
        {
            for (var i = 0; i < batch.Columns.Count; i++)
            {
                if (i > 0) Byte(_delimiter);
                Value(batch.Columns[i], i, row);
            }

            Byte((byte)'\n');
            if (_buffer.WrittenCount >= enough) await WriteAsync(cancellationToken).ConfigureAwait(false);
        }

        _rows += batch.RowCount;
        await WriteAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await stream.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _buffer.ResetWrittenCount();
    }

    private void Value(Column column, int index, int row)
    {
        if (column.IsMissing(row))
        {
            // A line that is empty would be no row.
            if (_null.Length == 0 && _schema.Count == 1) _buffer.Write("\"\""u8);
            else _buffer.Write(_null);
            return;
        }

        int written;
        switch (column)
        {
            case TextColumn texts:
                _buffer.Write(_texts[index][texts.Values[row]] ??= Encoded(texts.Texts[texts.Values[row]], index, row));
                break;
            case NumberColumn numbers:
                var number = numbers.Values[row];
                if (!double.IsFinite(number))
                {
                    throw new MlOpsException(
                        string.Create(CultureInfo.InvariantCulture, $"Row {_rows + row + 1} has an infinite number."),
                        "Write an Arrow file, or clip infinite values: they could not be read back from CSV.")
                    {
                        DataSource = name, Column = _schema[index].Name
                    };
                }
                number.TryFormat(_buffer.GetSpan(32), out written, "R", CultureInfo.InvariantCulture);
                _buffer.Advance(written);
                break;
            case IntegerColumn integers:
                integers.Values[row].TryFormat(_buffer.GetSpan(20), out written, default, CultureInfo.InvariantCulture);
                _buffer.Advance(written);
                break;
            case BooleanColumn booleans: _buffer.Write(booleans.Values[row] ? "true"u8 : "false"u8); break;
            case TimestampColumn times:
                times.GetTimestamp(row).TryFormat(
                    _buffer.GetSpan(32), out written, "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
                _buffer.Advance(written);
                break;
        }
    }

    // Each text of a batch is looked at once, however often it stands in it.
    private byte[] Encoded(string text, int index, int row)
    {
        if (_nullText.Length > 0 && text == _nullText)
        {
            throw new MlOpsException(
                string.Create(CultureInfo.InvariantCulture, $"Row {_rows + row + 1} has the same text as a missing value."),
                "Set CsvSinkOptions.NullToken to a text that is not a value.") { DataSource = name, Column = _schema[index].Name };
        }
        return Encoding.UTF8.GetBytes(Quoted(text));
    }

    private string Quoted(string text) =>
        text.Length == 0 || text.AsSpan().ContainsAny(_quoted) || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;

    private void Text(string text) => Encoding.UTF8.GetBytes(Quoted(text), _buffer);

    private void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }
}
