using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>A 64-bit hash of each cell, after small differences of writing are taken away: equal hashes represent equal cells.</summary>
internal sealed class RowPrints
{
    private readonly Dictionary<string, ulong[]> _columns;

    private RowPrints(Dictionary<string, ulong[]> columns) => _columns = columns;

    public static RowPrints Of(Dataset rows, CancellationToken cancellationToken) =>
        new(rows.Schema.Index().ToDictionary(each => each.Item.Name, each =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Of(rows.Columns[each.Index]);
        }, StringComparer.Ordinal));

    public List<AlikeColumns> EqualColumns(string[] names)
    {
        var first = new Dictionary<ulong, string>();
        List<AlikeColumns> equal = [];
        foreach (var name in names)
        {
            var print = 0UL;
            foreach (var cell in _columns[name]) print = SeededRandom.Mix(print ^ cell);
            if (!first.TryAdd(print, name)) equal.Add(new AlikeColumns(first[print], name, "equal", 1));
        }

        return equal;
    }

    public AlikeRows AlikeRows(string[] names, string label)
    {
        if (names.Length == 0) return new AlikeRows(0, 0, 0);
        var labels = _columns[label];
        var prints = new ulong[labels.Length];
        foreach (var column in names.Select(name => _columns[name]))
        {
            for (var row = 0; row < prints.Length; row++) prints[row] = SeededRandom.Mix(prints[row] ^ column[row]);
        }

        var groups = Enumerable.Range(0, prints.Length)
            .GroupBy(row => prints[row])
            .Select(group => group.ToArray())
            .Where(group => group.Length > 1)
            .ToArray();
        return new AlikeRows(
            groups.Sum(group => group.Length), groups.Length, groups.Count(group => group.Any(row => labels[row] != labels[group[0]])));
    }

    private static ulong[] Of(Column column)
    {
        if (column is TextColumn texts)
        {
            var levels = new ulong[texts.Dictionary.Length];
            for (var code = 0; code < levels.Length; code++) levels[code] = Of(texts.Dictionary[code]);
            return [.. Enumerable.Range(0, column.Length).Select(row => column.IsNull(row) ? 0 : levels[texts.Values[row]])];
        }

        return [.. Enumerable.Range(0, column.Length).Select(row => column.IsNull(row) ? 0 : column switch
        {
            VectorColumn => Of(column.GetText(row) ?? ""),
            NumberColumn numbers => double.IsNaN(numbers.Values[row])
                ? 0
                : SeededRandom.Mix((ulong)BitConverter.DoubleToInt64Bits(Round(numbers.Values[row])) + 1),
            Column<long> integers => SeededRandom.Mix((ulong)integers.Values[row] + 2),
            _ => SeededRandom.Mix((ulong)column.GetNumber(row) + 3),
        })];
    }

    private static double Round(double value)
    {
        if (value == 0 || !double.IsFinite(value)) return value == 0 ? 0 : value;
        var step = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(value))) - 5);
        var rounded = Math.Round(value / step) * step;
        return double.IsFinite(rounded) && step > 0 ? rounded : value;
    }

    private static ulong Of(string text)
    {
        var print = 4UL;
        var space = false;
        foreach (var character in text.AsSpan().Trim())
        {
            if (char.IsWhiteSpace(character))
            {
                space = true;
                continue;
            }

            if (space) print = SeededRandom.Mix(print ^ ' ');
            space = false;
            print = SeededRandom.Mix(print ^ char.ToLowerInvariant(character));
        }

        return print;
    }
}
