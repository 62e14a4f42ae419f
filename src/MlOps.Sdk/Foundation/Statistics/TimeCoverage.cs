using System.Buffers;
using System.Numerics;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// Which times a column of points in time covers, in 512 bytes: the first and the last, and in between up to 4,096 buckets of equal width that do or do not hold a value. The width is the
/// smallest power of two of seconds with which the whole range fits. Coverages of parts merge into that of the whole, exactly. Not thread-safe.
/// </summary>
public sealed class TimeCoverage
{
    private const byte FormatVersion = 1;
    private const int Buckets = 4096;
    private readonly ulong[] _bits = new ulong[Buckets / 64];
    private long _lowest;
    private long _highest;
    private int _exponent;

    /// <summary>The number of values.</summary>
    public long Count { get; private set; }

    /// <summary>The earliest value; <see langword="null"/> when there is none.</summary>
    public DateTime? First { get; private set; }

    /// <summary>The latest value; <see langword="null"/> when there is none.</summary>
    public DateTime? Last { get; private set; }

    /// <summary>The width of a bucket: no gap that is shorter can be seen.</summary>
    public TimeSpan Resolution => TimeSpan.FromSeconds(1L << _exponent);

    /// <summary>The share of the buckets from the first to the last value that hold one, up to 1; NaN when there is no value.</summary>
    public double CoveredShare => Count == 0 ? double.NaN : _bits.Sum(bits => BitOperations.PopCount(bits)) / (double)(_highest - _lowest + 1);

    /// <summary>The longest time without a value, in whole buckets; <see langword="null"/> when every bucket holds one.</summary>
    public (DateTime Start, DateTime End)? LongestGap
    {
        get
        {
            if (Count == 0) return null;
            long longest = 0, start = 0, run = 0;
            for (var bucket = _lowest; bucket <= _highest; bucket++)
            {
                run = IsSet(bucket) ? 0 : run + 1;
                if (run <= longest) continue;
                (longest, start) = (run, bucket - run + 1);
            }

            return longest == 0 ? null : (StartOf(start), StartOf(start + longest));
        }
    }

    /// <summary>Adds a value.</summary>
    /// <param name="utc">The point in time, in UTC.</param>
    public void Add(DateTime utc)
    {
        Count++;
        if (First is null || utc < First) First = utc;
        if (Last is null || utc > Last) Last = utc;
        AddBucket(utc.Ticks / TimeSpan.TicksPerSecond >> _exponent);
    }

    /// <summary>Adds all values of another coverage; the other is not changed.</summary>
    /// <param name="other">The other.</param>
    public void Merge(TimeCoverage other)
    {
        if (other.Count == 0) return;
        while (_exponent < other._exponent) Coarsen();
        for (var bucket = other._lowest; bucket <= other._highest; bucket++)
        {
            // Adding may make the buckets wider.
            if (other.IsSet(bucket)) AddBucket(bucket >> (_exponent - other._exponent));
        }

        Count += other.Count;
        if (First is null || other.First < First) First = other.First;
        if (Last is null || other.Last > Last) Last = other.Last;
    }

    /// <summary>Writes the state; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new SketchWriter(to);
        writer.Byte(FormatVersion);
        writer.Long(Count);
        if (Count == 0) return;
        writer.Long(First!.Value.Ticks);
        writer.Long(Last!.Value.Ticks);
        foreach (var bits in _bits) writer.Long((long)bits);
    }

    internal static TimeCoverage Read(ref SketchReader reader)
    {
        reader.Version(FormatVersion);
        var coverage = new TimeCoverage { Count = reader.Count() };
        if (coverage.Count == 0) return coverage;
        var (first, last) = (reader.Count(), reader.Count());
        if (first > last || last > DateTime.MaxValue.Ticks) throw reader.Damaged("its times are out of range");
        (coverage.First, coverage.Last) = (new DateTime(first, DateTimeKind.Utc), new DateTime(last, DateTimeKind.Utc));
        (coverage._lowest, coverage._highest) = (first / TimeSpan.TicksPerSecond, last / TimeSpan.TicksPerSecond);
        while (coverage._highest - coverage._lowest >= Buckets) coverage.Coarsen();
        for (var i = 0; i < coverage._bits.Length; i++) coverage._bits[i] = (ulong)reader.Long();
        return coverage;
    }

    private static int Bit(long bucket) => (int)(bucket & (Buckets - 1));

    // Bits are stored in a ring, so that the range can grow at both ends without moving them.
    private bool IsSet(long bucket) => (_bits[Bit(bucket) >> 6] >> (Bit(bucket) & 63) & 1) != 0;

    private void AddBucket(long bucket)
    {
        if (_bits.AsSpan().ContainsAnyExcept(0UL))
        {
            while (Math.Max(_highest, bucket) - Math.Min(_lowest, bucket) >= Buckets)
            {
                Coarsen();
                bucket >>= 1;
            }

            (_lowest, _highest) = (Math.Min(_lowest, bucket), Math.Max(_highest, bucket));
        }
        else
        {
            (_lowest, _highest) = (bucket, bucket);
        }

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

    private DateTime StartOf(long bucket) => new(Math.Min(bucket << _exponent, DateTime.MaxValue.Ticks / TimeSpan.TicksPerSecond) * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
}
