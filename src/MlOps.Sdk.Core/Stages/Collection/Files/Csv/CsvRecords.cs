using System.Globalization;
using System.Text;
using System.Text.Unicode;
using CsvHelper;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>One pass over the records of a CSV file, behind its header. Not thread-safe.</summary>
internal sealed class CsvRecords : RecordReader
{
    // A quote that is never closed would otherwise take memory for the rest of the file.
    private const int LongestRecord = 64 << 20;
    private readonly CsvReader _reader;
    private readonly string _name;
    private readonly CsvFormat _format;
    private readonly bool _infers;
    private readonly byte[][] _nullTokens;
    private readonly SeparatorLine _separator;
    private readonly string[] _header;
    private readonly byte[][] _repeated;
    private readonly Field[] _columns;
    private readonly int[] _ordinals;
    private readonly ColumnTypeInference[] _types;
    private CsvMalformedReason? _quotes;
    private bool _isWaiting;
    private long _marked;
    private long _markedLine;

    public CsvRecords(Stream stream, string name, CsvFormat format, Schema? schema, IReadOnlyList<string>? columns, bool checks)
    {
        _name = name;
        _format = format;
        _infers = schema is null;
        _nullTokens = format.NullTokens;
        _separator = SeparatorLine.Read(stream);
        _reader = CsvReader.Create(_separator.Text, new CsvReaderOptions
        {
            Separator = _separator.Delimiter ?? format.Delimiter,
            HasHeader = false,
            TrimWhitespace = format.Trim,
            TrimInsideQuotes = format.Trim,
            TrackLineNumbers = checks,
            MaxRecordSize = LongestRecord,
            OnMalformedRecord = checks ? record => _quotes = record.Reason : null,
        }, leaveOpen: true);
        try
        {
            _header = Header();

            // In a file of one column, a value may well be its name.
            _repeated = format.HasHeader && _header.Length > 1 ? [.. _header.Select(Encoding.UTF8.GetBytes)] : [];
            var all = new Schema(_header.Select(column => new Field(column, ColumnType.Text)));
            if (format.Schema?.FirstOrDefault(field => !all.Contains(field.Name)) is { } missing)
            {
                throw FileInspection.Missing(missing.Name, all, name);
            }
            var found = schema ?? all;
            _columns = columns is null
                ? [.. found]
                : [.. columns.Select(column => found.Contains(column) ? found[column] : throw FileInspection.Missing(column, found, name))];
            _ordinals = [.. _columns.Select(
                column => all.TryGetIndex(column.Name, out var ordinal) ? ordinal : throw FileInspection.Missing(column.Name, all, name))];
            _types = new ColumnTypeInference[_columns.Length];
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    public override long Line => _reader.LineNumber + (_separator.Delimiter is null ? 0 : 1);

    public override long Offset => _reader.ByteOffset + _separator.Length;

    public override ReadOnlySpan<byte> Raw => _reader.RawRecord;

    public override IReadOnlyList<Field> Columns => _columns;

    public override IReadOnlyList<ColumnType?> Types => [.. _types.Select(type => type.Type)];

    public override IReadOnlyList<string> Notes =>
    [
        .. _marked > 0
            ? [string.Create(
                CultureInfo.InvariantCulture,
                $"{_name}: a byte order mark within the text, in line {_markedLine}{(_marked > 1 ? $" and {_marked - 1:N0} more" : "")}, " +
                    $"was left out; it comes of files that were put together.")]
            : Array.Empty<string>(),
        .. _infers ? NotesOfTypes() : [],
    ];

    private IEnumerable<string> NotesOfTypes()
    {
        if (NearestName.Undivided(_header) is { } undivided) yield return $"{_name}: {undivided}";
        for (var i = 0; i < _columns.Length; i++)
        {
            var (name, inference) = (_columns[i].Name, _types[i]);
            if (name.AsSpan().Trim().Length < name.Length)
                yield return $"{_name}: the name of the column '{name}' has blanks around it; set CsvOptions.Trim, which removes them.";
            if (inference.WhyText("line", name) is var (cause, remedy)) yield return $"{_name}: column '{name}' is text {cause}; {remedy}.";
            foreach (var doubt in inference.Doubts(inference.Type ?? ColumnType.Text, "line"))
                yield return $"{_name}: column '{name}' {doubt}.";
        }
    }

    public override bool Read()
    {
        if (!_isWaiting) return ReadRecord();
        _isWaiting = false;
        return true;
    }

    public override RowFault? Check()
    {
        var fault = Form();
        if (fault is null ? _infers : !fault.IsOfValues)
        {
            if (fault is null) Observe();
            return fault;
        }

        if (_infers) return fault;
        for (var i = 0; i < _ordinals.Length; i++)
        {
            if (_columns[i].Type == ColumnType.Text || _ordinals[i] >= _reader.FieldCount) continue;
            var value = Value(_ordinals[i]);
            if (IsNull(value) || Fits(value, _columns[i].Type) || fault is not null && !Utf8.IsValid(value)) continue;
            var found = NoValue(value, _columns[i]);
            fault = fault is null ? found : fault.And(found);
        }

        return fault;
    }

    public override bool Append(RecordBatchBuilder rows, bool lenient)
    {
        for (var i = 0; i < _ordinals.Length; i++)
        {
            var ordinal = _ordinals[i];
            if (ordinal >= _reader.FieldCount)
            {
                if (!lenient) return false;
                rows[i].AppendNull();
                continue;
            }

            var value = Value(ordinal);
            if (IsNull(value) || lenient && !Utf8.IsValid(value)) rows[i].AppendNull();
            else if (TryAppend(rows[i], value)) continue;
            else if (lenient) rows[i].AppendNull();
            else return false;
        }

        return true;
    }

    public override void Dispose() => _reader.Dispose();

    private string[] Header()
    {
        if (!_format.HasHeader && _format.Schema is { } schema) return [.. schema.Select(field => field.Name)];
        if (!ReadRecord())
        {
            throw new MlOpsException(
                "The file is empty.",
                _format.HasHeader
                    ? "Give a file with a header line and at least one row."
                    : "Give a file with at least one row.") { DataSource = _name };
        }
        if (_reader.FieldCount > ReadRequest.MaxColumns)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"The file has {_reader.FieldCount:N0} columns, more than {ReadRequest.MaxColumns:N0}."),
                "Check the delimiter, or split the table into several files.") { DataSource = _name, Line = 1 };
        }
        if (!_format.HasHeader)
        {
            _isWaiting = true;
            return [.. Enumerable.Range(1, _reader.FieldCount).Select(i => FormattableString.Invariant($"column{i}"))];
        }

        var line = _reader.Options.TrackLineNumbers ? Line : 1;
        if (Quotes() is { } fault) throw fault.ToException(_name, line);
        if (!Utf8.IsValid(Raw)) throw NoText(null).ToException(_name, line);
        var header = new string[_reader.FieldCount];
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < header.Length; i++)
        {
            header[i] = _reader.GetString(i);
            if (_format.Trim) header[i] = UnseenText.Trim(header[i]);
            if (string.IsNullOrWhiteSpace(header[i]))
            {
                throw new MlOpsException(
                    $"Column {i + 1} has no name.",
                    "Give every column a name in the header line; " +
                        "a delimiter at the end of the line adds a column.") { DataSource = _name, Line = line };
            }
            if (!seen.TryAdd(header[i], i))
            {
                throw new MlOpsException(
                    $"The header names the same column twice, as columns {seen[header[i]] + 1} and {i + 1}.",
                    "Rename or remove one of the two.") { DataSource = _name, Line = line, Column = header[i] };
            }
        }

        return header;
    }

    private bool ReadRecord()
    {
        _quotes = null;
        try
        {
            while (_reader.Read())
            {
                if (!IsEndMark()) return true;
            }
            return false;
        }
        catch (CsvFormatException e)
        {
            throw new MlOpsException(
                $"The file cannot be read as CSV: {e.Message}",
                "Fix the file at this line; after a quote that is never closed, everything is one record.",
                e) { DataSource = _name, Line = e.LineNumber > 0 ? e.LineNumber + Line - _reader.LineNumber : null };
        }
    }

    // DOS ends a text with Ctrl-Z.
    private bool IsEndMark() => _reader.FieldCount == 1 && _reader.GetSpan(0) is [0x1A];

    // Between files that were put together, a line begins with the mark of the second.
    private ReadOnlySpan<byte> Value(int ordinal)
    {
        var value = _reader.GetSpan(ordinal);
        if (ordinal == 0 && value is [0xEF, 0xBB, 0xBF, ..]) value = value[3..];
        return _format.Trim ? UnseenText.Trim(value) : value;
    }

    private RowFault? Form()
    {
        if (Marks() is { } marks) return marks;
        if (Quotes() is { } quotes) return quotes;
        RowFault? fault = null;
        if (_reader.FieldCount != _header.Length)
        {
            fault = new RowFault(
                $"The row has {_reader.FieldCount} field{(_reader.FieldCount == 1 ? "" : "s")} where " +
                    $"{(_format.HasHeader ? "the header" : _format.Schema is null ? "the first row" : "the schema")} has {_header.Length}.",
                "Quote fields that contain the delimiter, give every row all fields, and check the delimiter.",
                IsOfValues: _reader.FieldCount < _header.Length);
        }

        if (Utf8.IsValid(Raw)) return fault;
        var text = NoText(InvalidColumn());
        return fault is null ? text : fault.And(text);
    }

    private RowFault? Marks()
    {
        var raw = Raw;
        if (raw is [0, ..] && !raw.ContainsAnyExcept("\0\r\n"u8))
        {
            return new RowFault(
                FormattableString.Invariant($"The line holds {raw.Count((byte)0):N0} zero bytes and nothing else."),
                "A write of the file was cut off, by a crash or a full disk: write it again, since rows may be missing.");
        }
        if (raw is [0xEF, 0xBB, 0xBF, ..] && (_marked > 0 || Line > 1))
        {
            if (raw is [_, _, _, (byte)'"', ..])
            {
                return new RowFault(
                    "The line begins with a byte order mark and a quote, as where files were put together.",
                    "Remove the mark, or keep the files apart and read them with FromFolder.");
            }
            if (_marked++ == 0) _markedLine = Line;
        }
        if (_repeated.Length > 0 && _reader.FieldCount == _repeated.Length && Value(0).SequenceEqual(_repeated[0]) && RepeatsHeader())
        {
            return new RowFault(
                "The line repeats the header, as where files were put together.",
                "Remove the line, set malformed rows to be quarantined, or keep the files apart and read them with FromFolder.");
        }
        return null;
    }

    private bool RepeatsHeader()
    {
        for (var i = 1; i < _repeated.Length; i++)
        {
            if (!_reader.GetSpan(i).SequenceEqual(_repeated[i])) return false;
        }

        return true;
    }

    // The reader reports the first trouble of a record only, so behind a stray quote, which is none, the rest is looked at here.
    private RowFault? Quotes()
    {
        if (_quotes is not { } reason) return null;
        for (var i = 0; reason == CsvMalformedReason.StrayQuote && i < _reader.FieldCount; i++) reason = Quotes(_reader.GetRawSpan(i));
        return reason switch
        {
            // A quote inside an unquoted field (5" pipe) is text, whatever RFC 4180 says: nothing is lost or ambiguous.
            CsvMalformedReason.StrayQuote => null,

            // Everything behind it would go into one record, and be counted as one.
            CsvMalformedReason.UnterminatedQuote => throw new MlOpsException(
                "A quoted field is never closed.",
                "Close the quote; " +
                    "a quote inside a quoted field " +
                    "is written twice (\"\").") { DataSource = _name, Line = _reader.Options.TrackLineNumbers ? Line : null },
            _ => new RowFault(
                "Text follows the closing quote of a field.",
                "Write a quote inside a quoted field twice (\"\"), and check that CsvOptions.Delimiter is what separates the fields."),
        };
    }

    private CsvMalformedReason Quotes(ReadOnlySpan<byte> field)
    {
        if (_format.Trim) field = field.Trim(" \t"u8);
        if (field.IsEmpty || field[0] != '"') return CsvMalformedReason.StrayQuote;
        field = field[1..];
        while (true)
        {
            var quote = field.IndexOf((byte)'"');
            if (quote < 0) return CsvMalformedReason.UnterminatedQuote;
            field = field[(quote + 1)..];
            if (field.IsEmpty) return CsvMalformedReason.StrayQuote;
            if (field[0] != '"') return CsvMalformedReason.TextAfterClosingQuote;
            field = field[1..];
        }
    }

    private void Observe()
    {
        for (var i = 0; i < _types.Length; i++)
        {
            if (_types[i].MayPass()) continue;
            var value = Value(_ordinals[i]);
            if (!IsNull(value)) _types[i].Observe(value, _format.Values, Line);
        }
    }

    private bool IsNull(ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty) return _format.EmptyIsNull;
        return _nullTokens.Length > 0 && IsNullToken(field);
    }

    private bool IsNullToken(ReadOnlySpan<byte> field)
    {
        foreach (var token in _nullTokens)
        {
            if (field.SequenceEqual(token)) return true;
        }

        return false;
    }

    private bool Fits(ReadOnlySpan<byte> value, ColumnType type) => type switch
    {
        ColumnType.Integer => _format.Values.TryInteger(value, out _),
        ColumnType.Number => _format.Values.TryNumber(value, out _),
        ColumnType.Boolean => FieldText.TryFlag(value, out _),
        ColumnType.Timestamp => _format.Values.TryTimestamp(value, out _),
        _ => true,
    };

    private bool TryAppend(ColumnBuilder to, ReadOnlySpan<byte> value)
    {
        switch (to)
        {
            case NumberColumnBuilder numbers when _format.Values.TryNumber(value, out var number): numbers.Append(number); return true;
            case IntegerColumnBuilder integers when _format.Values.TryInteger(value, out var integer):
                integers.Append(integer);
                return true;
            case TextColumnBuilder texts: texts.AppendUtf8(value); return true;
            case BooleanColumnBuilder flags when FieldText.TryFlag(value, out var flag): flags.Append(flag); return true;
            case TimestampColumnBuilder times when _format.Values.TryTimestamp(value, out var ticks):
                times.Append(new DateTime(ticks, DateTimeKind.Utc));
                return true;
            default: return false;
        }
    }

    private RowFault NoValue(ReadOnlySpan<byte> value, Field field)
    {
        var isInvariant = _format.Values.Settings.Length == 0;
        var wanted = field.Type switch
        {
            ColumnType.Integer => "a 64-bit whole number",
            ColumnType.Number => "a finite number",
            ColumnType.Boolean => "true, false, 1 or 0",
            _ => isInvariant ? "an ISO 8601 date or time" : "a date or time",
        };
        return new RowFault(
            $"'{PrintableText.Shorten(value)}' is not " +
                $"{wanted}{(isInvariant || field.Type == ColumnType.Boolean ? "" : " in the culture and the date formats of the file")}.",
            "Correct the value, add it to CsvOptions.NullTokens if it means a missing value, " +
                "or give the column another type in the schema.",
            field.Name,
            IsOfValues: true);
    }

    private RowFault NoText(string? column) => _format.Encoding is null
        ? new RowFault(
            "The text is not valid UTF-8.",
            "Save the file as UTF-8, or set its encoding with CsvOptions.Encoding.",
            column,
            IsOfValues: true)
        : new RowFault(
            "Some bytes are not valid in the encoding of the file.",
            "Check the encoding, or save the file as UTF-8.",
            column,
            IsOfValues: true);

    private string? InvalidColumn()
    {
        for (var i = 0; i < Math.Min(_header.Length, _reader.FieldCount); i++)
        {
            if (!Utf8.IsValid(_reader.GetRawSpan(i))) return _header[i];
        }

        return null;
    }
}
