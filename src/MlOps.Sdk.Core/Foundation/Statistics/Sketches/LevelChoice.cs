using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// Chooses the levels of a reference of texts that have bins of their own: all where there are few; otherwise the most frequent of one half
/// of its rows, since levels that are frequent partly by chance return to their mean in the rows that are counted. Not thread-safe.
/// </summary>
internal sealed class LevelChoice
{
    private readonly FrequentItems _all = new();
    private readonly FrequentItems _half = new();
    private long _row;

    public void Add(TextColumn column)
    {
        var (times, ofHalf) = (new int[column.Dictionary.Length], new int[column.Dictionary.Length]);
        foreach (var code in column.Values)
        {
            var row = _row++;
            if (code < 0) continue;
            times[code]++;
            if (ReferenceCounter.IsForChoice(row)) ofHalf[code]++;
        }

        for (var code = 0; code < times.Length; code++)
        {
            if (times[code] > 0) _all.Add(column.Dictionary[code], times[code]);
            if (ofHalf[code] > 0) _half.Add(column.Dictionary[code], ofHalf[code]);
        }
    }

    /// <returns>The levels, the most frequent first, and whether there are others.</returns>
    public (string[] Levels, bool AreChosen) Build()
    {
        var all = _all.Top(ReferenceBins.LevelLimit + 1);
        return all.Count <= ReferenceBins.LevelLimit && _all.MaximumError == 0
            ? ([.. all.Select(item => item.Item)], false)
            : ([.. _half.Top(ReferenceBins.LevelLimit).Select(item => item.Item)], true);
    }
}
