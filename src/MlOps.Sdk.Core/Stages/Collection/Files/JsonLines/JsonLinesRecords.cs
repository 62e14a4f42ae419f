using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>One pass over the objects of a JSON Lines file. Members that no column needs are stepped over. Not thread-safe.</summary>
internal sealed class JsonLinesRecords : RecordReader
{
    private const int MaxDepth = 64;
    private const int MaxMembers = 10_000;
    private const int LongestPath = 1_000;
    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly LineReader _lines;
    private readonly string _name;
    private readonly bool _infers;
    private readonly bool _readsAll;
    private readonly List<Field> _columns = [];
    private readonly List<ColumnType?> _types = [];
    private readonly Dictionary<string, JsonMember> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonMember>.AlternateLookup<ReadOnlySpan<char>> _byPath;
    private readonly char[] _path = new char[LongestPath];
    private JsonSlot[] _slots = [];
    private StrayValues[] _strays = [];
    private StrayValues[] _dateStrays = [];
    private float[] _vector = [];
    private long _record;
    private long _parsed;
    private RowFault? _fault;

    /// <param name="stream">The text.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="schema">The columns; <see langword="null"/> to find them out.</param>
    /// <param name="columns">Those that are wanted; <see langword="null"/> for all.</param>
    /// <param name="readsAll">Whether every member is to be a column, so that one that cannot be is malformed.</param>
    public JsonLinesRecords(Stream stream, string name, Schema? schema, IReadOnlyList<string>? columns, bool readsAll)
    {
        _readsAll = readsAll;
        _name = name;
        _infers = schema is null;
        _lines = new LineReader(stream, name);
        _byPath = _members.GetAlternateLookup<ReadOnlySpan<char>>();
        if (schema is null) return;
        _columns = columns is null
            ? [.. schema]
            : [.. columns.Select(column => schema.Contains(column) ? schema[column] : throw FileInspection.Missing(column, schema, name))];
        _slots = new JsonSlot[_columns.Count];
        for (var i = 0; i < _columns.Count; i++)
        {
            var path = _columns[i].Name;
            Member(path).Column = i;
            for (var dot = path.IndexOf('.'); dot >= 0; dot = path.IndexOf('.', dot + 1)) Member(path.AsSpan(0, dot)).HoldsColumns = true;
        }
    }

    public override long Line => _lines.Number;

    public override long Offset => _lines.Offset;

    public override ReadOnlySpan<byte> Raw => _lines.Line;

    // A member that is an object in some lines and null in the others is not a column itself.
    public override IReadOnlyList<Field> Columns => _infers ? [.. _columns.Where((column, i) => IsColumn(i))] : _columns;

    public override IReadOnlyList<ColumnType?> Types => [.. _types.Where((_, i) => IsColumn(i))];

    public override IReadOnlyList<string> Notes =>
    [
        .. _types
            .Select((type, i) => (
                Column: _columns[i],
                Strays: type == ColumnType.Text ? _strays[i].Describe("line") ?? _dateStrays[i].Describe("line") : null))
            .Where(column => column.Strays is not null)
            .Select(column => $"{_name}: column '{column.Column.Name}' is text because of {column.Strays}; " +
                "write null where there is no value, or set the type with JsonLinesOptions.Schema."),
    ];

    public override IReadOnlyList<string> Absent =>
        _infers ? [] : [.. _columns.Select(column => column.Name).Where(name => _members[name].Seen == 0)];

    public override bool Read()
    {
        do
        {
            if (!_lines.Read()) return false;
        }
        while (!_lines.Line.ContainsAnyExcept(" \t\r"u8) || _lines.Line is [0x1A]);

        _record++;
        return true;
    }

    public override RowFault? Check()
    {
        var fault = Parse();
        if (fault is not null) return fault;
        if (_infers)
        {
            // First all, then each: a malformed line must not decide a type.
            for (var i = 0; i < _columns.Count; i++)
            {
                if (_slots[i].Type == JsonTokenType.String && !TryText(_slots[i], out _))
                {
                    return NoText(_columns[i].Name) with { IsOfValues = true };
                }
            }

            for (var i = 0; i < _columns.Count; i++) Observe(i);
            return null;
        }

        for (var i = 0; i < _columns.Count; i++)
        {
            if (Fits(i)) continue;
            var found = NoValue(_slots[i], _columns[i]);
            fault = fault is null ? found : fault.And(found);
        }

        return fault;
    }

    public override bool Append(RecordBatchBuilder rows, bool lenient)
    {
        if (Parse() is not null) return false;
        for (var i = 0; i < _columns.Count; i++)
        {
            if (_slots[i].Type == JsonTokenType.None) rows[i].AppendNull();
            else if (TryAppend(rows[i], _slots[i])) continue;
            else if (lenient) rows[i].AppendNull();
            else return false;
        }

        return true;
    }

    public override void Dispose()
    {
    }

    private bool IsColumn(int column) => _types[column] is not null || !_members[_columns[column].Name].HoldsColumns;

    private JsonMember Member(ReadOnlySpan<char> path)
    {
        if (_byPath.TryGetValue(path, out var member)) return member;
        if (_infers && _members.Count == MaxMembers)
        {
            throw new MlOpsException(
                $"The objects have more than {MaxMembers} different members.",
                "Select the columns with JsonLinesOptions.Schema; " +
                    "if keys are data, write them as values.") { DataSource = _name, Line = Line };
        }
        _members.Add(path.ToString(), member = new JsonMember());
        return member;
    }

    private RowFault? Parse()
    {
        if (_parsed == _record) return _fault;
        _parsed = _record;
        Array.Clear(_slots);
        var line = _lines.Line;
        if (line is [0, ..] && !line.ContainsAnyExcept((byte)0))
        {
            return _fault = new RowFault(
                FormattableString.Invariant($"The line holds {line.Length:N0} zero bytes and nothing else."),
                "A write of the file was cut off, by a crash or a full disk: write it again, since rows may be missing.");
        }
        if (!Utf8.IsValid(line))
        {
            return _fault = new RowFault(
                "The text is not valid UTF-8.",
                "Save the file as UTF-8, or set its encoding with JsonLinesOptions.Encoding.");
        }
        try
        {
            var reader = new Utf8JsonReader(line, Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return _fault = new RowFault(
                    "The line is not a JSON object.",
                    reader.TokenType == JsonTokenType.StartArray
                        ? "Write each object on a separate line, without an array around them."
                        : "Give a file with a JSON object per line.");
            }

            _fault = Object(ref reader, 0);
            if (_fault is null) reader.Read();
            return _fault;
        }
        catch (JsonException e)
        {
            return _fault = new RowFault(
                $"The line is not valid JSON from byte {(e.BytePositionInLine ?? 0) + 1} on, or is nested deeper than {MaxDepth}.",
                "Write each object as valid JSON on one line.");
        }
        catch (InvalidOperationException)
        {
            return _fault = NoText(null);
        }
    }

    private RowFault? Object(ref Utf8JsonReader reader, int prefix)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = Find(ref reader, prefix, out var end, out var fault);
            if (fault is not null) return fault;
            reader.Read();
            if (member is null)
            {
                reader.Skip();
                continue;
            }

            if (member.Seen == _record)
            {
                var path = _path.AsSpan(0, end).ToString();
                return new RowFault($"The member '{PrintableText.Shorten(path)}' occurs twice.", "Write each member once.", path);
            }

            member.Seen = _record;
            if (reader.TokenType == JsonTokenType.StartObject && (_infers || member.HoldsColumns))
            {
                if (end == _path.Length) return TooLong();
                _path[end] = '.';
                member.HoldsColumns = true;
                fault = Object(ref reader, end + 1);
                if (fault is not null) return fault;
            }
            else if (reader.TokenType == JsonTokenType.Null || member.Column < 0 && !_infers)
            {
                // In an inference, a member without a value is a column all the same.
                if (_infers && member.Column < 0 && !member.HoldsColumns) NewColumn(member, end);
                reader.Skip();
            }
            else
            {
                if (member.Column < 0) NewColumn(member, end);
                _slots[member.Column] = Slot(ref reader);
            }
        }

        return null;
    }

    private static JsonSlot Slot(ref Utf8JsonReader reader)
    {
        var (type, start) = (reader.TokenType, (int)reader.TokenStartIndex);
        if (type == JsonTokenType.String) return new JsonSlot(type, start + 1, reader.ValueSpan.Length, reader.ValueIsEscaped);
        reader.Skip();
        return new JsonSlot(type, start, (int)reader.BytesConsumed - start, false);
    }

    private JsonMember? Find(ref Utf8JsonReader reader, int prefix, out int end, out RowFault? fault)
    {
        (fault, end) = (null, prefix);
        if (reader.ValueSpan.Length > _path.Length - prefix)
        {
            fault = _readsAll ? TooLong() : null;
            return null;
        }

        end += reader.CopyString(_path.AsSpan(prefix));
        if (end == prefix)
        {
            fault = _readsAll ? new RowFault("A member has no name.", "Give every member a name, or the file a schema without it.") : null;
            return null;
        }

        var path = _path.AsSpan(0, end);
        return _infers ? Member(path) : _byPath.TryGetValue(path, out var known) ? known : null;
    }

    private void NewColumn(JsonMember member, int end)
    {
        member.Column = _columns.Count;
        _columns.Add(new Field(_path.AsSpan(0, end).ToString(), ColumnType.Text));
        _types.Add(null);
        if (_slots.Length >= _columns.Count) return;
        Array.Resize(ref _slots, Math.Max(16, _slots.Length * 2));
        Array.Resize(ref _strays, _slots.Length);
        Array.Resize(ref _dateStrays, _slots.Length);
    }

    private ReadOnlySpan<byte> Span(JsonSlot slot) => _lines.Line.Slice(slot.Start, slot.Length);

    private void Observe(int column)
    {
        if (_slots[column].Type == JsonTokenType.None
            || (_types[column] == ColumnType.Text && _strays[column].AreMany && _dateStrays[column].AreMany))
        {
            return;
        }
        var slot = _slots[column];
        ColumnType? type = slot.Type switch
        {
            JsonTokenType.Number => FieldValues.TypeOfInvariant(Span(slot)),
            JsonTokenType.True or JsonTokenType.False => ColumnType.Boolean,
            JsonTokenType.String when TryTimestamp(slot, out _) => ColumnType.Timestamp,
            _ => ColumnType.Text,
        };
        if (slot.Type == JsonTokenType.Number && type != ColumnType.Text) _strays[column].AddFitting();
        else _strays[column].Add(Span(slot), Line);
        if (type == ColumnType.Timestamp) _dateStrays[column].AddFitting();
        else _dateStrays[column].Add(Span(slot), Line);
        _types[column] = ColumnTypeInference.Join(_types[column], type);
    }

    private bool Fits(int column)
    {
        var slot = _slots[column];
        return slot.Type == JsonTokenType.None || _columns[column].Type switch
        {
            ColumnType.Integer => slot.Type == JsonTokenType.Number && FieldText.TryInteger(Span(slot), out _),
            ColumnType.Number => slot.Type == JsonTokenType.Number && FieldText.TryNumber(Span(slot), out _),
            ColumnType.Boolean => slot.Type is JsonTokenType.True or JsonTokenType.False,
            ColumnType.Timestamp => slot.Type == JsonTokenType.String && TryTimestamp(slot, out _),
            ColumnType.Vector => TryVector(slot, _columns[column].Length),
            _ => TryText(slot, out _),
        };
    }

    private bool TryAppend(ColumnBuilder to, JsonSlot slot)
    {
        switch (to)
        {
            case NumberColumnBuilder numbers when slot.Type == JsonTokenType.Number && FieldText.TryNumber(Span(slot), out var number):
                numbers.Append(number);
                return true;
            case IntegerColumnBuilder integers when slot.Type == JsonTokenType.Number && FieldText.TryInteger(Span(slot), out var integer):
                integers.Append(integer);
                return true;
            case BooleanColumnBuilder flags when slot.Type is JsonTokenType.True or JsonTokenType.False:
                flags.Append(slot.Type == JsonTokenType.True);
                return true;
            case TimestampColumnBuilder times when slot.Type == JsonTokenType.String && TryTimestamp(slot, out var ticks):
                times.Append(new DateTime(ticks, DateTimeKind.Utc));
                return true;
            case VectorColumnBuilder vectors when TryVector(slot, vectors.View.ElementCount): vectors.Append(_vector); return true;
            case TextColumnBuilder texts when TryText(slot, out var text):
                if (text is null) texts.AppendUtf8(Span(slot));
                else texts.Append(text);
                return true;
            default: return false;
        }
    }

    /// <summary>A text without its escape sequences; <see langword="null"/> where the bytes are the text.</summary>
    private bool TryText(JsonSlot slot, out string? text)
    {
        text = null;
        if (!slot.IsEscaped) return true;
        try
        {
            var reader = new Utf8JsonReader(_lines.Line.Slice(slot.Start - 1, slot.Length + 2));
            reader.Read();
            text = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private bool TryTimestamp(JsonSlot slot, out long ticks)
    {
        ticks = 0;
        if (slot.Length > 200 || !TryText(slot, out var text)) return false;
        return FieldText.TryTimestamp(text is null ? Span(slot) : StrictUtf8.GetBytes(text), out ticks);
    }

    private bool TryVector(JsonSlot slot, int length)
    {
        if (slot.Type != JsonTokenType.StartArray) return false;
        if (_vector.Length != length) _vector = new float[length];
        var reader = new Utf8JsonReader(Span(slot), Options);
        reader.Read();
        for (var i = 0; reader.Read() && reader.TokenType == JsonTokenType.Number; i++)
        {
            if (i == length || !FieldText.TryNumber(reader.ValueSpan, out var number) || !float.IsFinite((float)number)) return false;
            _vector[i] = (float)number;
            if (i < length - 1) continue;
            return reader.Read() && reader.TokenType == JsonTokenType.EndArray;
        }

        return false;
    }

    private RowFault NoValue(JsonSlot slot, Field field)
    {
        if (slot.Type == JsonTokenType.String && !TryText(slot, out _)) return NoText(field.Name) with { IsOfValues = true };
        var wanted = field.Type switch
        {
            ColumnType.Integer => "a 64-bit whole number",
            ColumnType.Number => "a finite number",
            ColumnType.Boolean => "true or false",
            ColumnType.Timestamp => "a text with an ISO 8601 date or time",
            _ => $"an array of {field.Length} numbers",
        };
        var value = slot.Type == JsonTokenType.String ? _lines.Line.Slice(slot.Start - 1, slot.Length + 2) : Span(slot);
        return new RowFault(
            $"{PrintableText.Shorten(value)} is not {wanted}.",
            "Correct the value, or give the column another type in the schema.",
            field.Name,
            IsOfValues: true);
    }

    private static RowFault NoText(string? column) =>
        new("A text has half of a surrogate pair.", "Write characters beyond U+FFFF as two escape sequences, or unescaped.", column);

    private static RowFault TooLong() =>
        new($"The path of a member is longer than {LongestPath} characters.", "Shorten the names, or give the file a schema without it.");
}
