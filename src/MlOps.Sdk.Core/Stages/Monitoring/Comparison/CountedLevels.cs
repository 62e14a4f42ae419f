using System.Numerics;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Chooses the levels of a reference that was counted elsewhere, as <see cref="LevelChoice"/> does of rows: where there are many, the most
/// frequent of one half of the rows, counted on the other half. Which half a row is in is drawn from the counts, since rows of a level are
/// alike.
/// </summary>
internal sealed class CountedLevels
{
    private CountedLevels(ReferenceBins bins, long[] counts, long[]? judged) => (Bins, Counts, Judged) = (bins, counts, judged);

    /// <summary>The bins, still without counts.</summary>
    public ReferenceBins Bins { get; }

    /// <summary>The counts, missing values last.</summary>
    public long[] Counts { get; }

    /// <summary>The counts on the half that levels were not chosen on; <see langword="null"/> where none were chosen.</summary>
    public long[]? Judged { get; }

    public static CountedLevels Of(ColumnFacts facts)
    {
        var texts = facts.Texts!;
        var counted = texts.Below is null ? texts.Levels : texts.Frequent;
        if (texts.Below is null && counted.Count <= ReferenceBins.LevelLimit)
        {
            return new CountedLevels(
                ReferenceBins.Empty([.. counted.Select(level => level.Key)], areChosen: false),
                [.. counted.Select(level => level.Value), 0, facts.Missing],
                null);
        }

        var coin = new SeededRandom(0);
        var halves = counted.Select(level => (Level: level.Key, Count: level.Value, Half: Half(ref coin, level.Value))).ToArray();
        var chosen = halves
            .OrderByDescending(level => level.Half)
            .ThenBy(level => level.Level, StringComparer.Ordinal)
            .Take(ReferenceBins.LevelLimit)
            .ToArray();
        var others = facts.Finite - chosen.Sum(level => level.Count);
        return new CountedLevels(
            ReferenceBins.Empty([.. chosen.Select(level => level.Level)], areChosen: true),
            [.. chosen.Select(level => level.Count), others, facts.Missing],
            [.. chosen.Select(level => level.Count - level.Half), Half(ref coin, others), Half(ref coin, facts.Missing)]);
    }

    /// <summary>How many of some rows are in one half, each by a coin.</summary>
    private static long Half(ref SeededRandom coin, long rows)
    {
        long half = 0;
        for (; rows >= 64; rows -= 64) half += BitOperations.PopCount(coin.NextBits());
        return half + BitOperations.PopCount(coin.NextBits() & ((1UL << (int)rows) - 1));
    }
}
