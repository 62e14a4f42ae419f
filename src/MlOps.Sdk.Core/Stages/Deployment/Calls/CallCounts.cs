using System.Buffers;
using System.Buffers.Binary;

namespace MlOps.Sdk.Deployment;

/// <summary>How many rows a version answered, how fast, and how many it failed on. Not thread-safe.</summary>
internal sealed class CallCounts
{
    private readonly long[] _latencies = new long[LatencyBins.Count];

    /// <summary>Rows that were answered alone.</summary>
    public long Single { get; private set; }

    /// <summary>Rows that were answered in batches.</summary>
    public long Batched { get; set; }

    /// <summary>Rows that were answered, whatever the answer.</summary>
    public long Answered => Single + Batched;

    /// <summary>Rows that the model failed on, or that its open circuit turned away.</summary>
    public long Failed { get; set; }

    /// <summary>Rows that the version refused, for what they contain.</summary>
    public long Refused { get; set; }

    /// <summary>All rows.</summary>
    public long Total => Answered + Failed + Refused;

    /// <summary>Rows that were answered alone, by <see cref="LatencyBins"/>.</summary>
    public ReadOnlySpan<long> Latencies => _latencies;

    public void Add(int bin, long rows)
    {
        _latencies[bin] += rows;
        Single += rows;
    }

    public void Add(CallCounts other, int sign = 1)
    {
        for (var bin = 0; bin < _latencies.Length; bin++) _latencies[bin] += sign * other._latencies[bin];
        Single += sign * other.Single;
        Batched += sign * other.Batched;
        Failed += sign * other.Failed;
        Refused += sign * other.Refused;
    }

    /// <summary>The failed, refused and batched rows, then each bin that has rows, little-endian.</summary>
    public byte[] ToBytes()
    {
        var to = new ArrayBufferWriter<byte>();
        Write(to, Failed);
        Write(to, Refused);
        Write(to, Batched);
        for (var bin = 0; bin < _latencies.Length; bin++)
        {
            if (_latencies[bin] == 0) continue;
            Write(to, bin);
            Write(to, _latencies[bin]);
        }

        return to.WrittenSpan.ToArray();
    }

    /// <exception cref="MlOpsException">The bytes are not such counts.</exception>
    public static CallCounts Read(ReadOnlySpan<byte> bytes)
    {
        const int Size = sizeof(long);
        var counts = new CallCounts();
        if (bytes.Length < 3 * Size || bytes.Length % (2 * Size) != Size) throw Damaged();
        (counts.Failed, counts.Refused, counts.Batched) = (ReadCount(bytes, 0), ReadCount(bytes, Size), ReadCount(bytes, 2 * Size));
        for (var at = 3 * Size; at < bytes.Length; at += 2 * Size)
        {
            var bin = ReadCount(bytes, at);
            if (bin >= LatencyBins.Count) throw Damaged();
            counts.Add((int)bin, ReadCount(bytes, at + Size));
        }

        return counts;
    }

    private static void Write(ArrayBufferWriter<byte> to, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(sizeof(long)), value);
        to.Advance(sizeof(long));
    }

    private static long ReadCount(ReadOnlySpan<byte> bytes, int at)
    {
        var value = BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
        return value >= 0 ? value : throw Damaged();
    }

    private static MlOpsException Damaged() => new(
        "Stored counts of calls are damaged.", "Restore the database from a backup; predictions are not affected.");
}
