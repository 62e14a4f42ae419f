using System.Buffers;
using System.Numerics;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// Which times a column of points in time covers, in about a kilobyte: the first and the last, the grid on which all lie, and up to 8,192
/// buckets of equal width that do or do not hold a value. The width is the smallest power of two of seconds with which the whole range
/// fits. What is said of distances is said of successive buckets with a value, so of successive distinct times as far as
/// <see cref="Resolution"/> distinguishes them; how often a time occurs does not matter. Coverages of parts merge into that of the whole,
/// exactly and in any order. Not thread-safe.
/// </summary>
public sealed class TimeCoverage
{
    private const byte FormatVersion = 2;
    private const int Buckets = 8192;

    // A distance is well seen from this number of buckets on: a bucket more or less is then a small part of it.
    private const int WellResolved = 4;

    // Below this number of distances, a few times far from the rest (dates that represent "never") would make the median.
    private const int FewDistances = 8;
    private const double GapFactor = 3;
    private const double CommonShare = 0.95;
    private readonly ulong[] _bits = new ulong[Buckets / 64];
    private long _lowest;
    private long _highest;
    private int _exponent;
    private long _grid;

    // Every property asks for them; a new value makes them stale.
    private int[]? _distances;

    /// <summary>The number of values.</summary>
    public long Count { get; private set; }

    /// <summary>The earliest value; <see langword="null"/> when there is none.</summary>
    public DateTime? First { get; private set; }

    /// <summary>The latest value; <see langword="null"/> when there is none.</summary>
    public DateTime? Last { get; private set; }

    /// <summary>
    /// The width of a bucket: no gap that is shorter can be seen. It is not the step of the data; that is <see cref="UsualStep"/>.
    /// </summary>
    public TimeSpan Resolution => TimeSpan.FromSeconds(1L << _exponent);

    /// <summary>
    /// The usual distance of successive times: the median, or the multiple of the grid next to it where all times lie on a grid that can be
    /// seen (whole days, whole hours). <see langword="null"/> when there are fewer than two times, or when they follow each other faster
    /// than <see cref="Resolution"/> shows: without such a grid, when the median is no more than one bucket, or when there are fewer than
    /// eight distances of more than two times and buckets hold more than one value. So it is with daily dates some of which are 9999-12-31,
    /// where a bucket is longer than a year.
    /// </summary>
    public TimeSpan? UsualStep => StepTicks(Distances()) is > 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>
    /// The share of the steps from the first to the last time that have a value, when the times have a step: at least half of the distances
    /// are the usual one. 1 for every day, 5/7 for every business day, NaN for events that come irregularly, and when
    /// <see cref="UsualStep"/> is not known.
    /// </summary>
    public double StepsWithValue
    {
        get
        {
            var distances = Distances();
            var step = StepTicks(distances);
            if (step == 0 || !IsRegular(distances)) return double.NaN;
            double width = Resolution.Ticks;
            var occupied = distances.Length + 1.0;

            // Steps shorter than a bucket are not distinguished, but none lies in an empty bucket.
            if (step < width) return occupied / (_highest - _lowest + 1);
            var expected = Middle(distances) >= WellResolved
                ? 1 + distances.Sum(distance => Math.Max(1, Math.Round(distance * width / step)))
                : 1 + (Last!.Value - First!.Value).Ticks / (double)step;
            return Math.Min(1, occupied / expected);
        }
    }

    /// <summary>
    /// How many gaps there are. A gap is a distance more than three times as long as the one that 95 % of the distances do
    /// not exceed: what happens every twentieth time, as weekends in business days do, is the habit of the column. Times with
    /// fewer than two distances have none.
    /// </summary>
    public int Gaps
    {
        get
        {
            var distances = Distances();
            var limit = GapLimit(distances);
            return distances.Count(distance => distance > limit);
        }
    }

    /// <summary>
    /// The share of the time from the first to the last value that lies in no gap (of a gap, one step is covered by the value before it),
    /// from 0 to 1; NaN when there is no value.
    /// </summary>
    public double CoveredShare
    {
        get
        {
            if (Count == 0) return double.NaN;
            var distances = Distances();
            if (distances.Length == 0) return 1;
            var (limit, step) = (GapLimit(distances), MeanOfUsual(distances));
            return 1 - distances.Where(distance => distance > limit).Sum(distance => distance - step) / (_highest - _lowest);
        }
    }

    /// <summary>
    /// The longest gap (see <see cref="Gaps"/>), the first of those that are as long: no value lies between its start and its end. Where
    /// the times lie on a grid that can be seen, these are the last value before and the first after it; otherwise they are right to within
    /// <see cref="Resolution"/>. <see langword="null"/> when there is no gap.
    /// </summary>
    public (DateTime Start, DateTime End)? LongestGap
    {
        get
        {
            var distances = Distances();
            if (distances.Length == 0) return null;
            var longest = distances.Max();
            if (!(longest > GapLimit(distances))) return null;
            var before = _lowest;
            foreach (var distance in distances)
            {
                if (distance == longest) break;
                before += distance;
            }

            // A bucket that is no wider than the grid holds one point of it.
            if (_grid >= Resolution.Ticks) return (GridPointIn(before), GridPointIn(before + longest));
            return (StartOf(before + 1), StartOf(before + longest));
        }
    }

    /// <summary>Adds a value.</summary>
    /// <param name="utc">The point in time, in UTC.</param>
    public void Add(DateTime utc)
    {
        if (Count++ == 0)
        {
            (First, Last) = (utc, utc);
            _lowest = _highest = utc.Ticks / TimeSpan.TicksPerSecond >> _exponent;
        }
        else
        {
            _grid = CommonDivisor(_grid, Math.Abs((utc - First!.Value).Ticks));
            if (utc < First) First = utc;
            if (utc > Last) Last = utc;
        }

        AddBucket(utc.Ticks / TimeSpan.TicksPerSecond >> _exponent);
    }

    /// <summary>How many halvings of the resolution a range of times needs.</summary>
    internal static int ExponentOf(DateTime first, DateTime last)
    {
        var (low, high) = (first.Ticks / TimeSpan.TicksPerSecond, last.Ticks / TimeSpan.TicksPerSecond);
        var exponent = 0;
        for (; high - low >= Buckets; exponent++) (low, high) = (low >> 1, high >> 1);
        return exponent;
    }

    /// <summary>A coverage that was counted elsewhere.</summary>
    /// <param name="count">The number of values.</param>
    /// <param name="first">The earliest.</param>
    /// <param name="last">The latest.</param>
    /// <param name="grid">The common divisor of their distances, in ticks; 0 for a single time.</param>
    /// <param name="buckets">
    /// The buckets with a value: seconds since 0001-01-01 over two to the power of <see cref="ExponentOf"/>, rounded down.
    /// </param>
    internal static TimeCoverage Of(long count, DateTime first, DateTime last, long grid, IEnumerable<long> buckets)
    {
        var coverage = new TimeCoverage { Count = count, First = first, Last = last, _grid = grid };
        (coverage._lowest, coverage._highest) = (first.Ticks / TimeSpan.TicksPerSecond, last.Ticks / TimeSpan.TicksPerSecond);
        while (coverage._highest - coverage._lowest >= Buckets) coverage.Coarsen();
        foreach (var bucket in buckets) coverage.AddBucket(bucket);
        return coverage;
    }

    /// <summary>A coverage of the same times, of which some occur more than once.</summary>
    internal static TimeCoverage Of(long count, TimeCoverage times)
    {
        times.Count = count;
        return times;
    }

    /// <summary>The largest number that divides both; one of them may be 0.</summary>
    internal static long CommonDivisorOf(long first, long second) => CommonDivisor(first, second);

    /// <summary>Adds all values of another coverage; the other is not changed.</summary>
    /// <param name="other">The other.</param>
    public void Merge(TimeCoverage other)
    {
        if (other.Count == 0) return;
        while (_exponent < other._exponent) Coarsen();
        if (Count == 0)
        {
            (First, Last, _grid) = (other.First, other.Last, other._grid);
            _lowest = _highest = other._lowest >> (_exponent - other._exponent);
        }
        else
        {
            _grid = CommonDivisor(CommonDivisor(_grid, other._grid), Math.Abs((other.First!.Value - First!.Value).Ticks));
            if (other.First < First) First = other.First;
            if (other.Last > Last) Last = other.Last;
        }

        Count += other.Count;
        for (var bucket = other._lowest; bucket <= other._highest; bucket++)
        {
            // Adding may make the buckets wider.
            if (other.IsSet(bucket)) AddBucket(bucket >> (_exponent - other._exponent));
        }
    }

    /// <summary>Writes the state; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Int64(Count);
        if (Count == 0) return;
        writer.Int64(First!.Value.Ticks);
        writer.Int64(Last!.Value.Ticks);
        writer.Int64(_grid);
        foreach (var bits in _bits) writer.Int64((long)bits);
    }

    internal static TimeCoverage Read(ref BinaryInput reader)
    {
        reader.Version(FormatVersion);
        var coverage = new TimeCoverage { Count = reader.Count() };
        if (coverage.Count == 0) return coverage;
        var (first, last, grid) = (reader.Count(), reader.Count(), reader.Count());
        if (first > last || last > DateTime.MaxValue.Ticks || (grid == 0 ? first < last : (last - first) % grid != 0))
        {
            throw reader.Damaged("its times are out of range");
        }
        (coverage.First, coverage.Last, coverage._grid) = (
            new DateTime(first, DateTimeKind.Utc), new DateTime(last, DateTimeKind.Utc), grid);
        (coverage._lowest, coverage._highest) = (first / TimeSpan.TicksPerSecond, last / TimeSpan.TicksPerSecond);
        while (coverage._highest - coverage._lowest >= Buckets) coverage.Coarsen();
        for (var i = 0; i < coverage._bits.Length; i++) coverage._bits[i] = (ulong)reader.Int64();
        if (!coverage.IsSet(coverage._lowest)
            || !coverage.IsSet(coverage._highest)
            || coverage._bits.Sum(bits => BitOperations.PopCount(bits)) != coverage.Distances().Length + 1)
        {
            throw reader.Damaged("its times are not between the first and the last");
        }
        return coverage;
    }

    private static int Bit(long bucket) => (int)(bucket & (Buckets - 1));

    private static long CommonDivisor(long first, long second)
    {
        while (second != 0) (first, second) = (second, first % second);
        return first;
    }

    /// <summary>The lower median, in buckets.</summary>
    private static int Middle(int[] distances) => distances.Order().ElementAt((distances.Length - 1) / 2);

    private static bool IsUsual(int distance, int middle) => Math.Abs(distance - middle) <= 1;

    /// <summary>
    /// A step that is not a multiple of the bucket's width appears as the two next whole numbers of buckets: their mean is the step.
    /// </summary>
    private static double MeanOfUsual(int[] distances)
    {
        var middle = Middle(distances);
        return distances.Where(distance => IsUsual(distance, middle)).Average();
    }

    private static double GapLimit(int[] distances) =>
        distances.Length == 0 ? double.NaN : GapFactor * distances.Order().ElementAt((int)(CommonShare * (distances.Length - 1)));

    /// <summary>The distances of successive buckets with a value, in buckets and in their order.</summary>
    private int[] Distances() => _distances ??= FindDistances();

    private int[] FindDistances()
    {
        if (Count == 0) return [];
        List<int> distances = [];
        var before = _lowest;
        for (var bucket = _lowest + 1; bucket <= _highest; bucket++)
        {
            if (!IsSet(bucket)) continue;
            distances.Add((int)(bucket - before));
            before = bucket;
        }

        return [.. distances];
    }

    private bool HasGrid => _grid > Resolution.Ticks / 2;

    /// <summary>The usual step in ticks; 0 when it is not known.</summary>
    private long StepTicks(int[] distances)
    {
        if (distances.Length == 0) return 0;
        var range = (Last!.Value - First!.Value).Ticks;

        // More than two times have a common divisor that is shorter than their range.
        if (_grid == range) return range;
        var middle = Middle(distances);
        if (!HasGrid && (middle == 1 || (distances.Length < FewDistances && Count > distances.Length + 1))) return 0;
        var step = MeanOfUsual(distances) * Resolution.Ticks;

        // When nearly every bucket has a value, the step may as well be shorter than a bucket.
        if (!HasGrid) return (long)step;
        var isDense = middle == 1 && distances.Count(distance => distance == 1) >= CommonShare * distances.Length;
        return _grid * (long)Math.Max(1, isDense ? Math.Floor(step / _grid) : Math.Round(step / _grid));
    }

    private bool IsRegular(int[] distances)
    {
        var middle = Middle(distances);
        return (HasGrid || middle >= WellResolved) && 2 * distances.Count(distance => IsUsual(distance, middle)) >= distances.Length;
    }

    // Bits are stored in a ring, so that the range can grow at both ends without moving them.
    private bool IsSet(long bucket) => (_bits[Bit(bucket) >> 6] >> (Bit(bucket) & 63) & 1) != 0;

    private void AddBucket(long bucket)
    {
        _distances = null;
        while (Math.Max(_highest, bucket) - Math.Min(_lowest, bucket) >= Buckets)
        {
            Coarsen();
            bucket >>= 1;
        }

        (_lowest, _highest) = (Math.Min(_lowest, bucket), Math.Max(_highest, bucket));
        _bits[Bit(bucket) >> 6] |= 1UL << (Bit(bucket) & 63);
    }

    private void Coarsen()
    {
        var old = (ulong[])_bits.Clone();
        Array.Clear(_bits);
        for (var bucket = _lowest; bucket <= _highest && bucket - _lowest < Buckets; bucket++)
        {
            if ((old[Bit(bucket) >> 6] >> (Bit(bucket) & 63) & 1) == 0) continue;
            var wide = bucket >> 1;
            _bits[Bit(wide) >> 6] |= 1UL << (Bit(wide) & 63);
        }

        _exponent++;
        _lowest >>= 1;
        _highest >>= 1;
    }

    private DateTime StartOf(long bucket) =>
        new(Math.Min(bucket << _exponent, DateTime.MaxValue.Ticks / TimeSpan.TicksPerSecond) * TimeSpan.TicksPerSecond, DateTimeKind.Utc);

    /// <summary>The first point of the grid in a bucket.</summary>
    private DateTime GridPointIn(long bucket)
    {
        var steps = (StartOf(bucket) - First!.Value).Ticks;
        return First.Value.AddTicks((steps <= 0 ? 0 : (steps + _grid - 1) / _grid) * _grid);
    }
}
