using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// Counts a reference, batch by batch in the order of its rows, in bins that are known already: in all, per contiguous block, and the
/// levels that it has. Not thread-safe.
/// </summary>
internal sealed class ReferenceCounter(ReferenceBins bins, long rows)
{
    private readonly int _blocks = BlockCounts.BlocksOf(rows);
    private readonly int[] _ofBlocks = new int[BlockCounts.BlocksOf(rows) * bins.BinCount];
    private readonly long[] _counts = new long[bins.BinCount];
    private readonly long[]? _judged = bins.AreLevelsChosen ? new long[bins.BinCount] : null;
    private readonly KnownLevels.Builder? _levels = bins.Type == ColumnType.Text ? new() : null;
    private long _row;

    /// <summary>Whether levels are chosen on a row of a reference; on the others they are counted.</summary>
    public static bool IsForChoice(long row) => (SeededRandom.Mix((ulong)row + 0x9E3779B97F4A7C15) & 1) == 0;

    public void Add(Column column)
    {
        var binOf = new int[column.Length];
        bins.Find(column, binOf);
        foreach (var bin in binOf)
        {
            _counts[bin]++;
            if (_judged is not null && !IsForChoice(_row)) _judged[bin]++;
            if (_blocks > 0) _ofBlocks[(int)Math.Min(_blocks - 1, _row * _blocks / rows) * _counts.Length + bin]++;
            _row++;
        }

        if (_levels is null) return;
        var texts = (TextColumn)column;
        var times = new int[texts.Dictionary.Length];
        foreach (var code in texts.Values)
        {
            if (code >= 0) times[code]++;
        }

        _levels.Add(texts, times);
    }

    public ReferenceBins Build() => bins.With(
        _counts,
        _judged,
        _blocks > 0 ? new BlockCounts(_counts.Length, _ofBlocks) : BlockCounts.None,
        _levels?.Build() ?? KnownLevels.None);
}
