using MlOps.Sdk.Data;

namespace MlOps.Sdk.Exploration;

/// <summary>A column as codes of its distinct values; −1 where there is none.</summary>
internal static class LevelCodes
{
    public static (int[] Codes, List<string> Levels) Of(Column column)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var levels = new List<string>();
        var codes = new int[column.Length];
        for (var row = 0; row < codes.Length; row++)
        {
            if (column.GetText(row) is not { } text)
            {
                codes[row] = -1;
                continue;
            }

            if (!known.TryGetValue(text, out codes[row]))
            {
                codes[row] = levels.Count;
                known.Add(text, levels.Count);
                levels.Add(text);
            }
        }

        return (codes, levels);
    }

    /// <summary>The counts of two coded columns; rows where either has no value are left out.</summary>
    public static long[,] Cross(ReadOnlySpan<int> first, int firstLevels, ReadOnlySpan<int> second, int secondLevels)
    {
        var table = new long[firstLevels, secondLevels];
        for (var row = 0; row < first.Length; row++)
        {
            if (first[row] >= 0 && second[row] >= 0) table[first[row], second[row]]++;
        }

        return table;
    }
}
