using System.Runtime.CompilerServices;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>Builds a <see cref="TextColumn"/>; equal texts share one dictionary entry. Not thread-safe.</summary>
public sealed class TextColumnBuilder : ColumnBuilder<int>
{
    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private TextColumn? _source;
    private int _sourceGeneration;
    private int[] _sourceCodes = [];

    /// <summary>Creates a builder.</summary>
    /// <param name="capacity">How many rows to make room for.</param>
    public TextColumnBuilder(int capacity = 16)
        : base(new TextColumn(), capacity) => _lookup = _codes.GetAlternateLookup<ReadOnlySpan<char>>();

    private TextColumn Texts => (TextColumn)Column;

    private protected override int NullElement => -1;

    /// <summary>Appends a text; <see langword="null"/> is a row without a value.</summary>
    /// <param name="value">The text.</param>
    public void Append(string? value)
    {
        if (value is null)
        {
            AppendNull();
            return;
        }

        if (!_codes.TryGetValue(value, out var code)) code = NewCode(value);
        Add(code);
    }

    /// <summary>Appends a text without allocating when it is already known.</summary>
    /// <param name="value">The characters.</param>
    public void Append(ReadOnlySpan<char> value)
    {
        if (!_lookup.TryGetValue(value, out var code)) code = NewCode(value.ToString());
        Add(code);
    }

    /// <summary>Appends a text given as UTF-8, without allocating when it is short and already known.</summary>
    /// <param name="utf8">The bytes; invalid ones become U+FFFD.</param>
    [SkipLocalsInit]
    public void AppendUtf8(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > 256)
        {
            Append(Encoding.UTF8.GetString(utf8));
            return;
        }

        Span<char> chars = stackalloc char[256];
        Append(chars[..Encoding.UTF8.GetChars(utf8, chars)]);
    }

    /// <inheritdoc/>
    public override void Append(Column source, int row)
    {
        var texts = (TextColumn)source;
        var code = texts.Values[row];
        if (code < 0)
        {
            AppendNull();
            return;
        }

        // Rows come in runs from one source: each of its texts is looked up once. A source that is a view of a builder
        // may have grown, or begun again.
        if (!ReferenceEquals(_source, texts) || _sourceGeneration != texts.Generation || code >= _sourceCodes.Length)
        {
            _source = texts;
            _sourceGeneration = texts.Generation;
            if (_sourceCodes.Length < texts.TextCount) _sourceCodes = new int[texts.TextCount];
            _sourceCodes.AsSpan().Fill(-1);
        }

        ref var mapped = ref _sourceCodes[code];
        if (mapped < 0)
        {
            var text = texts.Texts[code];
            mapped = _codes.TryGetValue(text, out var known) ? known : NewCode(text);
        }

        Add(mapped);
    }

    /// <inheritdoc/>
    public override Column Build()
    {
        _codes.Clear();
        _source = null;
        return base.Build();
    }

    internal override void Put(int row, Column source, int sourceRow)
    {
        var texts = (TextColumn)source;
        Column.Buffer[row] = NewEntry(texts.Texts[texts.Buffer[sourceRow]]);
        MarkPut(row);
    }

    internal override void Clear()
    {
        base.Clear();
        Texts.TextCount = 0;
        Texts.Generation++;
        _codes.Clear();
        _source = null;
    }

    /// <summary>Appends a text under its own dictionary entry: no look-up, for rows that are read once.</summary>
    internal void AppendUncoded(string? value)
    {
        if (value is null) AppendNull();
        else Add(NewEntry(value));
    }

    private int NewCode(string value)
    {
        var code = NewEntry(value);
        _codes.Add(value, code);
        return code;
    }

    private int NewEntry(string value)
    {
        var column = Texts;
        if (column.TextCount == column.Texts.Length)
        {
            var texts = column.Texts;
            Array.Resize(ref texts, Math.Max(8, texts.Length * 2));
            column.Texts = texts;
        }

        column.Texts[column.TextCount] = value;
        return column.TextCount++;
    }

    private protected override Column<int> NewColumn() => new TextColumn();
}
