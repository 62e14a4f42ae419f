using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// The levels that a reference of texts has, by their hashes: all of them up to a limit, above it a sample of levels that depends on their
/// hashes alone. Tells which rows of a window hold a level that the reference does not have. Immutable and thread-safe.
/// </summary>
internal sealed class KnownLevels
{
    /// <summary>How many levels are kept at most (16 kB).</summary>
    public const int Limit = 2_048;

    private readonly ulong[] _hashes;

    public KnownLevels(ulong[] sortedHashes, ulong below, long rows, long rare)
    {
        _hashes = sortedHashes;
        Below = below;
        Rows = rows;
        Rare = rare;
    }

    /// <summary>Of columns without levels, and of references that were kept before levels were.</summary>
    public static KnownLevels None { get; } = new([], 0, 0, 0);

    /// <summary>Levels whose hash is below this are in the sample; the greatest number when all are.</summary>
    public ulong Below { get; }

    /// <summary>Rows of the reference whose level is in the sample.</summary>
    public long Rows { get; }

    /// <summary>
    /// Rows whose level occurs at most twice in the reference. Their share is what a window of the same rows holds of new levels, at most:
    /// levels seen once estimate the unseen (Good 1953), those seen twice its error.
    /// </summary>
    public long Rare { get; }

    /// <summary>Whether anything is known of the levels.</summary>
    public bool IsKnown => Below != 0;

    /// <summary>Whether every level of the reference is known.</summary>
    public bool IsWhole => Below == ulong.MaxValue;

    /// <summary>Whether the reference does not have a level; of those outside of the sample nobody knows. Allocates nothing.</summary>
    public bool IsNew(string level)
    {
        var hash = DistinctSketch.Hash(level.AsSpan());
        return hash <= Below && Array.BinarySearch(_hashes, hash) < 0;
    }

    /// <summary>Counts the rows of a window whose level is in the sampled range, and those among them that hold a new level.</summary>
    public (long New, long Asked) Count(TextColumn window)
    {
        if (Below == 0) return default;
        var times = new int[window.Dictionary.Length];
        foreach (var code in window.Values)
        {
            if (code >= 0) times[code]++;
        }

        long fresh = 0, asked = 0;
        for (var code = 0; code < times.Length; code++)
        {
            if (times[code] == 0) continue;
            var hash = DistinctSketch.Hash(window.Dictionary[code].AsSpan());
            if (hash > Below) continue;
            asked += times[code];
            if (Array.BinarySearch(_hashes, hash) < 0) fresh += times[code];
        }

        return (fresh, asked);
    }

    /// <summary>Counts rows of levels that were counted elsewhere, as <see cref="Count(TextColumn)"/> does.</summary>
    public (long New, long Asked) Count(IEnumerable<KeyValuePair<string, long>> levels)
    {
        long fresh = 0, asked = 0;
        if (Below == 0) return default;
        foreach (var (level, count) in levels)
        {
            var hash = DistinctSketch.Hash(level.AsSpan());
            if (hash > Below) continue;
            asked += count;
            if (Array.BinarySearch(_hashes, hash) < 0) fresh += count;
        }

        return (fresh, asked);
    }

    public void Save(BinaryOutput writer)
    {
        writer.Int64((long)Below);
        writer.Int64(Rows);
        writer.Int64(Rare);
        writer.Int32(_hashes.Length);
        foreach (var hash in _hashes) writer.Int64((long)hash);
    }

    public static KnownLevels Read(ref BinaryInput reader)
    {
        var below = (ulong)reader.Int64();
        var (rows, rare) = (reader.Count(), reader.Count());
        var hashes = new ulong[reader.Length(8)];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = (ulong)reader.Int64();
        for (var i = 1; i < hashes.Length; i++)
        {
            if (hashes[i] <= hashes[i - 1]) throw reader.Damaged("its levels are not in order");
        }

        if (rare > rows || hashes.Length > rows) throw reader.Damaged("its levels do not fit");
        return new KnownLevels(hashes, below, rows, rare);
    }

    /// <summary>Collects the levels of a reference.</summary>
    internal sealed class Builder
    {
        private readonly Dictionary<ulong, long> _counts = [];
        private ulong _below = ulong.MaxValue;

        public void Add(TextColumn column, ReadOnlySpan<int> times)
        {
            for (var code = 0; code < times.Length; code++)
            {
                if (times[code] == 0) continue;
                var hash = DistinctSketch.Hash(column.Dictionary[code].AsSpan());
                if (hash > _below) continue;
                _counts[hash] = _counts.GetValueOrDefault(hash) + times[code];
                if (_counts.Count > 2 * Limit) Thin();
            }
        }

        /// <summary>Adds a level that was counted elsewhere.</summary>
        public void Add(string level, long count)
        {
            var hash = DistinctSketch.Hash(level.AsSpan());
            if (hash > _below) return;
            _counts[hash] = _counts.GetValueOrDefault(hash) + count;
            if (_counts.Count > 2 * Limit) Thin();
        }

        public KnownLevels Build()
        {
            if (_counts.Count > Limit) Thin();
            return new KnownLevels(
                [.. _counts.Keys.Order()],
                _below,
                _counts.Values.Sum(),
                _counts.Values.Where(count => count <= 2).Sum());
        }

        // What is dropped lies above the new limit, and what comes again does so, too: the counts below are whole.
        private void Thin()
        {
            var ordered = _counts.Keys.Order().ToArray();
            _below = ordered[Limit - 1];
            foreach (var hash in ordered.AsSpan(Limit)) _counts.Remove(hash);
        }
    }
}
