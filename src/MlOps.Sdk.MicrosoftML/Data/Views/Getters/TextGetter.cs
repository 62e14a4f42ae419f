using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads texts, without a copy; missing is empty.</summary>
internal sealed class TextGetter(ViewCursor cursor) : ColumnGetter<int, ReadOnlyMemory<char>>(cursor)
{
    private TextColumn? _column;
    private ReadOnlyMemory<char>[]? _texts;

    public override void Bind(ViewColumn column)
    {
        base.Bind(column);
        _column = (TextColumn)column.Column;
        _texts = column.Texts;
    }

    private protected override void Read(ref ReadOnlyMemory<char> value)
    {
        var code = Element();
        if (_texts is { } texts) value = texts[code + 1];
        else ReadUnlisted(code, ref value);
    }

    // Apart, so that the way that most texts take stays short.
    private void ReadUnlisted(int code, ref ReadOnlyMemory<char> value) =>
        value = code < 0 ? default : _column!.Dictionary[code].AsMemory();
}
