using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// A KLL sketch (Karnin, Lang and Liberty 2016): quantiles and ranks of a stream of any length, in bounded memory and with a known error.
/// The same values in the same order with the same seed give the same sketch. Not thread-safe.
/// </summary>
public sealed class QuantileSketch
{
    private const byte FormatVersion = 1;
    private const int SmallestLevel = 8;

    /// <summary>
    /// The first level is a buffer of at least so many values (or k): sorting some hundred at once is far cheaper than eight at a time.
    /// </summary>
    private const int SmallestBuffer = 256;

    /// <summary>How many values of a highest level fit beside some of the others, for the default size.</summary>
    private const int MostKept = 640;
    private readonly List<double[]> _levels = [];
    private readonly List<int> _used = [];
    private int[] _capacities = [];
    private SeededRandom _coin;
    private int _items;
    private int _capacity;

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="k">The size: about 3k numbers are kept. At least 8. Default: 400, a rank error of 0.7 % at 99 % confidence.</param>
    /// <param name="seed">The seed of the coin that decides which half of a level is kept. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> lies outside 8 to 65,535.</exception>
    public QuantileSketch(int k = 400, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, SmallestLevel);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, ushort.MaxValue);
        K = k;
        _coin = new SeededRandom((ulong)seed);
        AddLevel();
    }

    /// <summary>The size parameter.</summary>
    public int K { get; }

    /// <summary>The number of values added.</summary>
    public long Count { get; private set; }

    /// <summary>The smallest value, exact; NaN when there is none.</summary>
    public double Minimum { get; private set; } = double.NaN;

    /// <summary>The largest value, exact; NaN when there is none.</summary>
    public double Maximum { get; private set; } = double.NaN;

    /// <summary>
    /// The rank error that 99 % of the queries stay within, as a share of <see cref="Count"/>; 0 while every value is kept.
    /// </summary>
    public double RankError => _levels.Count == 1 ? 0 : 2.296 / Math.Pow(K, 0.9723);

    /// <summary>Adds a value.</summary>
    /// <param name="value">Any number but NaN.</param>
    /// <exception cref="ArgumentException">The value is NaN.</exception>
    public void Add(double value)
    {
        if (double.IsNaN(value)) throw new ArgumentException("The value is NaN.", nameof(value));
        Minimum = Count == 0 ? value : Math.Min(Minimum, value);
        Maximum = Count == 0 ? value : Math.Max(Maximum, value);
        Count++;
        Reserve(0, 1)[0] = value;
        if (_items >= _capacity) Compress();
    }

    /// <summary>Adds values; the same as adding them one by one.</summary>
    /// <param name="values">Any numbers but NaN.</param>
    /// <exception cref="ArgumentException">A value is NaN; nothing was added.</exception>
    public void Add(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) return;
        double minimum = values[0], maximum = values[0];
        foreach (var value in values)
        {
            if (double.IsNaN(value)) throw new ArgumentException("A value is NaN.", nameof(values));
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
        }

        Minimum = Count == 0 ? minimum : Math.Min(Minimum, minimum);
        Maximum = Count == 0 ? maximum : Math.Max(Maximum, maximum);
        Count += values.Length;
        while (!values.IsEmpty)
        {
            var part = values[..Math.Min(values.Length, _capacity - _items)];
            part.CopyTo(Reserve(0, part.Length));
            values = values[part.Length..];
            if (_items >= _capacity) Compress();
        }
    }

    /// <summary>Adds all values of another sketch; the other is not changed. The error is that of the smaller k.</summary>
    /// <param name="other">A sketch of the same k.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public void Merge(QuantileSketch other)
    {
        if (other.K != K) throw new ArgumentException($"Sketches of k = {K} and k = {other.K} cannot be merged.", nameof(other));
        if (other.Count == 0) return;
        Minimum = Count == 0 ? other.Minimum : Math.Min(Minimum, other.Minimum);
        Maximum = Count == 0 ? other.Maximum : Math.Max(Maximum, other.Maximum);
        Count += other.Count;
        while (_levels.Count < other._levels.Count) AddLevel();
        for (var level = 0; level < other._levels.Count; level++)
        {
            var values = other._levels[level].AsSpan(0, other._used[level]);
            if (level == 0) values.CopyTo(Reserve(0, values.Length));
            else MergeInto(level, values);
        }

        while (_items >= _capacity) Compress();
    }

    /// <summary>The value at a quantile, one of the values added.</summary>
    /// <param name="q">The quantile, 0 (minimum, exact) to 1 (maximum, exact).</param>
    /// <returns>The smallest kept value whose estimated rank reaches q; NaN when the sketch is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="q"/> lies outside 0 to 1.</exception>
    public double Quantile(double q)
    {
        if (!(q is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(q), q, "Must lie between 0 and 1.");
        if (Count == 0) return double.NaN;
        if (q == 0) return Minimum;
        if (q == 1) return Maximum;
        var (values, weights) = Sorted();
        var target = q * Count;
        long below = 0;
        for (var i = 0; i < values.Length; i++)
        {
            below += weights[i];
            if (below >= target) return values[i];
        }

        return Maximum;
    }

    /// <summary>The estimated share of values that are at most <paramref name="x"/>; NaN when the sketch is empty.</summary>
    /// <param name="x">Any number but NaN.</param>
    public double Rank(double x)
    {
        if (Count == 0 || double.IsNaN(x)) return double.NaN;
        if (x < Minimum) return 0;
        if (x >= Maximum) return 1;
        long below = 0;
        for (var level = 0; level < _levels.Count; level++)
        {
            foreach (var value in _levels[level].AsSpan(0, _used[level]))
            {
                if (value <= x) below += 1L << level;
            }
        }

        return (double)below / Count;
    }

    /// <summary>Writes the state; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Int32(K);
        writer.Int64(Count);
        writer.Int64((long)_coin.State);
        writer.Double(Minimum);
        writer.Double(Maximum);
        writer.Int32(_levels.Count);
        for (var level = 0; level < _levels.Count; level++) writer.Doubles(_levels[level].AsSpan(0, _used[level]));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another version.</exception>
    public static QuantileSketch Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "quantile sketch");
        var sketch = Read(ref reader);
        reader.End();
        return sketch;
    }

    internal static QuantileSketch Read(ref BinaryInput reader)
    {
        reader.Version(FormatVersion);
        var k = reader.Int32();
        if (k is < SmallestLevel or > ushort.MaxValue) throw reader.Damaged("its size is impossible");
        var sketch = new QuantileSketch(k)
        {
            Count = reader.Count(),
            _coin = new SeededRandom((ulong)reader.Int64()),
            Minimum = reader.Double(),
            Maximum = reader.Double()
        };
        var levels = reader.Length(4);
        if (levels is 0 or > 60) throw reader.Damaged("its number of levels is impossible");
        long weight = 0;
        for (var level = 0; level < levels; level++)
        {
            if (level > 0) sketch.AddLevel();
            var values = reader.Doubles();
            if (Samples.HasNaN(values)) throw reader.Damaged("a value is NaN");
            if (level > 0 && !IsAscending(values)) throw reader.Damaged("a level is not in order");
            foreach (var value in values)
            {
                if (!(value >= sketch.Minimum && value <= sketch.Maximum)) throw reader.Damaged("a value lies outside minimum and maximum");
            }

            values.CopyTo(sketch.Reserve(level, values.Length));
            if (values.Length > (sketch.Count - weight) >> level) throw reader.Damaged("the values do not add up to the count");
            weight += (long)values.Length << level;
        }

        if (weight != sketch.Count) throw reader.Damaged("the values do not add up to the count");
        if (sketch._items >= sketch._capacity) throw reader.Damaged("it has more values than its size holds");
        return sketch.Count > 0 ? sketch : new QuantileSketch(k) { _coin = sketch._coin };
    }

    /// <summary>
    /// The sketch of values that were counted elsewhere by ranges. Of a power of two of successive values one is kept: that adds at most
    /// half of their share to the rank error, and a range no more than its own share.
    /// </summary>
    /// <param name="ranges">The ranges, ascending and apart.</param>
    internal static QuantileSketch Of(IReadOnlyList<CountedRange> ranges)
    {
        var sketch = new QuantileSketch();
        if (ranges.Count == 0) return sketch;
        sketch.Count = ranges.Sum(range => range.Count);
        (sketch.Minimum, sketch.Maximum) = (ranges[0].Minimum, ranges[^1].Maximum);
        var level = 0;
        while (sketch.Count >> level >= (level == 0 ? sketch.K : MostKept)) level++;
        while (sketch._levels.Count <= level) sketch.AddLevel();
        var kept = (int)(sketch.Count >> level);
        var values = sketch.Reserve(level, kept);
        var weight = 1L << level;
        var rest = sketch.Count - ((long)kept << level);
        var (at, before) = (0, 0L);
        for (var i = 0; i < kept; i++) values[i] = ValueAt(i * weight + weight / 2);

        // What is left of the largest is kept by its binary digits.
        for (var digit = 0; digit < level; digit++)
        {
            if ((rest >> digit & 1) != 0) sketch.Reserve(digit, 1)[0] = ranges[^1].Maximum;
        }

        return sketch;

        double ValueAt(long rank)
        {
            while (rank >= before + ranges[at].Count) before += ranges[at++].Count;
            return 2 * (rank - before) < ranges[at].Count ? ranges[at].Minimum : ranges[at].Maximum;
        }
    }

    /// <summary>The kept values in ascending order, each with the number of values that it represents.</summary>
    internal (double[] Values, long[] Weights) Sorted()
    {
        var values = new double[_items];
        var weights = new long[_items];
        var at = 0;
        for (var level = 0; level < _levels.Count; level++)
        {
            _levels[level].AsSpan(0, _used[level]).CopyTo(values.AsSpan(at));
            weights.AsSpan(at, _used[level]).Fill(1L << level);
            at += _used[level];
        }

        Array.Sort(values, weights);
        return (values, weights);
    }

    private void AddLevel()
    {
        _levels.Add(new double[SmallestLevel]);
        _used.Add(0);
        _capacities = new int[_levels.Count];
        for (var level = 0; level < _capacities.Length; level++)
        {
            _capacities[level] = Math.Max(
                level == 0 ? Math.Min(K, SmallestBuffer) : SmallestLevel,
                (int)Math.Round(K * Math.Pow(2.0 / 3, _levels.Count - 1 - level)));
        }
        _capacity = _capacities.Sum();
    }

    /// <summary>Room for more values at the end of a level.</summary>
    private Span<double> Reserve(int level, int count)
    {
        var values = _levels[level];
        var used = _used[level];
        if (used + count > values.Length)
        {
            Array.Resize(ref values, level == 0 ? Math.Max(used + count, used * 2) : used + count);
            _levels[level] = values;
        }

        _used[level] = used + count;
        _items += count;
        return values.AsSpan(used, count);
    }

    /// <summary>
    /// Halves the lowest full level: every second value moves up with twice the weight; a coin decides which. Levels
    /// above the first are kept sorted.
    /// </summary>
    private void Compress()
    {
        var level = 0;
        while (_used[level] < _capacities[level]) level++;
        if (level == _levels.Count - 1) AddLevel();
        var odd = _used[level] & 1;
        var values = _levels[level].AsSpan(odd, _used[level] - odd);
        if (level == 0) SortBuffer(values);
        var kept = values.Length / 2;
        for (int i = 0, from = (int)(_coin.NextBits() >> 63); i < kept; i++, from += 2) values[i] = values[from];
        MergeInto(level + 1, values[..kept]);
        _used[level] = odd;
        _items -= values.Length;

        // The lowest levels are filled again at once; the memory of the others is given back, for each of them was large at some time.
        if (level > 1) _levels[level] = _levels[level][..odd];
    }

    private static void SortBuffer(Span<double> values)
    {
        var spare = ArrayPool<double>.Shared.Rent(2 * (values.Length + 3));
        Sorting.SortSome(values, spare);
        ArrayPool<double>.Shared.Return(spare);
    }

    /// <summary>Merges sorted values into a sorted level, from the back, so that nothing is overwritten that is still needed.</summary>
    private void MergeInto(int level, ReadOnlySpan<double> more)
    {
        var left = _used[level] - 1;
        Reserve(level, more.Length);
        var values = _levels[level].AsSpan(0, _used[level]);
        var right = more.Length - 1;
        for (var to = values.Length - 1; right >= 0; to--)
        {
            values[to] = left >= 0 && values[left] > more[right] ? values[left--] : more[right--];
        }
    }

    private static bool IsAscending(ReadOnlySpan<double> values)
    {
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] < values[i - 1]) return false;
        }

        return true;
    }
}
