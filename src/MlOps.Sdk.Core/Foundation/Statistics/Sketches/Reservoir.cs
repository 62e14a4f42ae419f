using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// A uniform sample without replacement of the rows of a stream of any length, each with a number, in bounded memory. Reservoirs of parts
/// merge into exactly the reservoir of the whole, in any order. Not thread-safe.
/// </summary>
/// <remarks>
/// Each row has a pseudo-random priority that follows from the seed and its row number alone; the rows of the smallest priorities are kept.
/// This is bottom-k sampling (Cohen and Kaplan 2007), which is the scheme of Efraimidis and Spirakis (2006) with equal weights: over the
/// seeds, each set of k rows is equally likely. Number the rows of parts apart, as in the whole: rows of the same number have the same
/// priority. Columns that are sampled with the same seed, capacity and row numbers have the same rows in their samples.
/// </remarks>
public sealed class Reservoir
{
    private const byte FormatVersion = 1;
    private const int LargestCapacity = 1 << 20;

    // Apart from the streams that others derive from the same seed.
    private const int Stream = 0x52455356;

    // The largest priority comes out first, for it is the next to give up: the queue orders by the complement.
    private readonly PriorityQueue<long, ulong> _rows = new();
    private readonly Dictionary<long, double> _values = [];
    private readonly ulong _start;

    /// <summary>The largest priority that is still kept.</summary>
    private ulong _limit = ulong.MaxValue;

    /// <summary>Creates an empty reservoir.</summary>
    /// <param name="capacity">How many rows are kept, 1 to 1,048,576. Default: 1,000.</param>
    /// <param name="seed">The seed of the priorities. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity lies outside 1 to 1,048,576.</exception>
    public Reservoir(int capacity = 1_000, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, LargestCapacity);
        Capacity = capacity;
        Seed = seed;
        _start = SeededRandom.For(seed, Stream).State;
    }

    /// <summary>How many rows are kept; all of them while there are fewer.</summary>
    public int Capacity { get; }

    /// <summary>The seed of the priorities.</summary>
    public int Seed { get; }

    /// <summary>The number of rows added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a row.</summary>
    /// <param name="row">The number of the row, not negative; another for each row, also across the parts that will be merged.</param>
    /// <param name="value">Its value, any number or NaN. Default: NaN, for a sample of row numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is negative.</exception>
    /// <exception cref="ArgumentException">
    /// A row of this number is in the sample already; nothing was added. A number that is repeated outside the sample is not
    /// noticed, and does not change it.
    /// </exception>
    public void Add(long row, double value = double.NaN)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        Offer(row, value);
        Count++;
    }

    /// <summary>Adds all rows of another reservoir; the other is not changed.</summary>
    /// <param name="other">A reservoir of other rows, of the same capacity and seed.</param>
    /// <exception cref="ArgumentException">
    /// The capacities or the seeds differ, or a row number is in both samples; nothing was added.
    /// </exception>
    public void Merge(Reservoir other)
    {
        if (other.Capacity != Capacity || other.Seed != Seed)
        {
            throw new ArgumentException(
                $"Reservoirs of capacity {Capacity} with seed {Seed} and of capacity {other.Capacity} with seed " +
                    $"{other.Seed} cannot be merged.",
                nameof(other));
        }
        foreach (var row in other._values.Keys)
        {
            if (_values.ContainsKey(row))
            {
                throw new ArgumentException($"Row {row} is in both reservoirs: parts must number their rows differently.", nameof(other));
            }
        }

        foreach (var (row, value) in other._values) Offer(row, value);
        Count += other.Count;
    }

    /// <summary>The numbers of the sampled rows, ascending.</summary>
    public long[] Rows() => [.. _values.Keys.Order()];

    /// <summary>The values of the sampled rows, in the order of <see cref="Rows"/>.</summary>
    public double[] Values() => [.. Ordered().Select(pair => pair.Value)];

    /// <summary>Writes the state; the same bytes for the same rows, in whatever order and parts they came.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Int32(Capacity);
        writer.Int32(Seed);
        writer.Int64(Count);
        writer.Int32(_values.Count);
        foreach (var (row, value) in Ordered())
        {
            writer.Int64(row);
            writer.Double(value);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another version.</exception>
    public static Reservoir Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "reservoir");
        reader.Version(FormatVersion);
        var (capacity, seed, count) = (reader.Int32(), reader.Int32(), reader.Count());
        if (capacity is < 1 or > LargestCapacity) throw reader.Damaged("its capacity is impossible");
        var kept = reader.Length(16);
        if (kept != Math.Min(count, capacity)) throw reader.Damaged("its sample does not fit its count");
        var reservoir = new Reservoir(capacity, seed) { Count = count };
        for (long i = 0, last = -1; i < kept; i++)
        {
            var row = reader.Int64();
            if (row <= last) throw reader.Damaged("its rows are not in order");
            reservoir.Offer(row, reader.Double());
            last = row;
        }

        reader.End();
        return reservoir;
    }

    // Both steps from row number to priority can be undone, so no two rows have the same priority: there are no ties to break.
    private ulong Priority(long row) => SeededRandom.Mix(_start + (ulong)row * 0x9E3779B97F4A7C15);

    private void Offer(long row, double value)
    {
        var priority = Priority(row);
        if (priority > _limit) return;
        if (!_values.TryAdd(row, value)) throw new ArgumentException($"Row {row} is in the reservoir already.", nameof(row));
        if (_rows.Count < Capacity) _rows.Enqueue(row, ~priority);
        else _values.Remove(_rows.EnqueueDequeue(row, ~priority));
        if (_rows.Count == Capacity && _rows.TryPeek(out _, out var complement)) _limit = ~complement;
    }

    private IEnumerable<KeyValuePair<long, double>> Ordered() => _values.OrderBy(pair => pair.Key);
}
