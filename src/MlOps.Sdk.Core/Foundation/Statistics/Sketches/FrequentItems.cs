using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// The most frequent texts of a stream, with bounds on their counts, in bounded memory: the counters of Misra and Gries (1982), thinned out
/// by the median as in Anderson et al. (2017). Exact while there are at most <see cref="Capacity"/> distinct texts. Not thread-safe.
/// </summary>
public sealed class FrequentItems
{
    private const byte FormatVersion = 1;
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="capacity">
    /// How many texts are counted at a time, at least 2. Default: 256, which finds every text that is more than 1/128 of the stream.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity lies outside 2 to 65,536.</exception>
    public FrequentItems(int capacity = 256)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 65_536);
        Capacity = capacity;
    }

    /// <summary>How many texts are counted at a time.</summary>
    public int Capacity { get; }

    /// <summary>The number of texts added.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// No count is off by more than this; at most 2·<see cref="Count"/>/<see cref="Capacity"/>, and 0 while the counts are exact.
    /// </summary>
    public long MaximumError { get; private set; }

    /// <summary>Adds a text.</summary>
    /// <param name="item">The text, compared by ordinal.</param>
    /// <param name="times">How often it occurs, at least 1. Default: 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="times"/> is not positive.</exception>
    public void Add(string item, long times = 1)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(times);
        Count += times;
        _counts[item] = _counts.GetValueOrDefault(item) + times;
        if (_counts.Count > Capacity) Thin();
    }

    /// <summary>Texts that were counted elsewhere.</summary>
    /// <param name="items">The most frequent, at most as many as the default capacity, with their counts.</param>
    /// <param name="count">The number of all texts.</param>
    /// <param name="most">How often a text that is not among them occurs at most; 0 where there is none.</param>
    internal static FrequentItems Of(IEnumerable<KeyValuePair<string, long>> items, long count, long most)
    {
        var sketch = new FrequentItems { Count = count, MaximumError = most };
        foreach (var (item, times) in items) sketch._counts.Add(item, times);
        return sketch;
    }

    /// <summary>Adds all texts of another sketch; the other is not changed. The errors add up.</summary>
    /// <param name="other">A sketch of the same capacity.</param>
    /// <exception cref="ArgumentException">The capacities differ.</exception>
    public void Merge(FrequentItems other)
    {
        if (other.Capacity != Capacity)
        {
            throw new ArgumentException($"Sketches of capacity {Capacity} and {other.Capacity} cannot be merged.", nameof(other));
        }
        Count += other.Count;
        MaximumError += other.MaximumError;
        foreach (var (item, count) in other._counts) _counts[item] = _counts.GetValueOrDefault(item) + count;
        while (_counts.Count > Capacity) Thin();
    }

    /// <summary>How often a text occurs, at least and at most.</summary>
    /// <param name="item">The text.</param>
    public FrequentItem Find(string item)
    {
        var lower = _counts.GetValueOrDefault(item);
        return new FrequentItem(item, lower, lower + MaximumError);
    }

    /// <summary>The most frequent texts, by descending count, then by ordinal.</summary>
    /// <param name="count">How many, at most.</param>
    public IReadOnlyList<FrequentItem> Top(int count) =>
        [.. Ordered().OrderByDescending(pair => pair.Value).Take(count).Select(
            pair => new FrequentItem(pair.Key, pair.Value, pair.Value + MaximumError))];

    /// <summary>Writes the state; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Int32(Capacity);
        writer.Int64(Count);
        writer.Int64(MaximumError);
        writer.Int32(_counts.Count);
        foreach (var (item, count) in Ordered())
        {
            writer.Text(item);
            writer.Int64(count);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another version.</exception>
    public static FrequentItems Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "frequent-items sketch");
        var sketch = Read(ref reader);
        reader.End();
        return sketch;
    }

    internal static FrequentItems Read(ref BinaryInput reader)
    {
        reader.Version(FormatVersion);
        var capacity = reader.Int32();
        if (capacity is < 2 or > 65_536) throw reader.Damaged("its capacity is impossible");
        var sketch = new FrequentItems(capacity) { Count = reader.Count(), MaximumError = reader.Count() };
        var items = reader.Length(12);
        if (items > capacity) throw reader.Damaged("it has more items than its capacity");
        if (sketch.MaximumError > sketch.Count) throw reader.Damaged("its error exceeds its count");
        var left = sketch.Count;
        for (var i = 0; i < items; i++)
        {
            var (item, count) = (reader.Text(), reader.Count());
            if (count == 0 || count > left) throw reader.Damaged("the counts do not add up");
            left -= count;
            if (!sketch._counts.TryAdd(item, count)) throw reader.Damaged("an item appears twice");
        }

        return sketch;
    }

    /// <summary>
    /// Takes the median off every count and forgets what is left with nothing: at least half of the texts stay out or go.
    /// </summary>
    private void Thin()
    {
        long[] counts = [.. _counts.Values];
        Array.Sort(counts);
        var median = counts[counts.Length / 2];
        MaximumError += median;
        foreach (var (item, count) in _counts.ToArray())
        {
            if (count <= median) _counts.Remove(item);
            else _counts[item] = count - median;
        }
    }

    private IEnumerable<KeyValuePair<string, long>> Ordered() => _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal);
}
