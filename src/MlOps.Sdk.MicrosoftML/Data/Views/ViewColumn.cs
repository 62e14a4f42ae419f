using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>A column that getters are bound to. Thread-safe.</summary>
internal sealed class ViewColumn(Column column)
{
    private ReadOnlyMemory<char>[]? _texts;

    /// <summary>The column.</summary>
    public Column Column => column;

    /// <summary>
    /// The texts of a column by their code + 1, so that the code -1 of a missing text needs no question; <see langword="null"/> where
    /// texts hardly repeat, and a table of them would cost more than it saves. Made once for all cursors, when the first one asks.
    /// </summary>
    public ReadOnlyMemory<char>[]? Texts
    {
        get
        {
            var dictionary = ((TextColumn)column).Dictionary;
            if (dictionary.Length > column.Length / 2) return null;
            if (Volatile.Read(ref _texts) is { } known) return known;
            var texts = new ReadOnlyMemory<char>[dictionary.Length + 1];
            for (var code = 0; code < dictionary.Length; code++) texts[code + 1] = dictionary[code].AsMemory();
            return Interlocked.CompareExchange(ref _texts, texts, null) ?? texts;
        }
    }
}
