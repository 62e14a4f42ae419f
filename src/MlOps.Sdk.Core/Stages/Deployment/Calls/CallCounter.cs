using System.Numerics;
using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Counts the calls of one version in this process, without locks or allocation: threads on different processors count in different
/// places. Counts only grow. Thread-safe.
/// </summary>
internal sealed class CallCounter(string model, int version)
{
    // Counts of two processors are never on one cache line, nor are those of two owners.
    private const int Failed = LatencyBins.Count;
    private const int Refused = LatencyBins.Count + 1;
    private const int Batched = LatencyBins.Count + 2;
    private const int Length = LatencyBins.Count + 32;

    private readonly long[][] _stripes =
    [
        .. Enumerable
            .Range(0, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(16, Environment.ProcessorCount)))
            .Select(_ => new long[Length]),
    ];

    private volatile bool _isClosed;

    public string Model => model;

    public int Version => version;

    /// <summary>Whether the version is retired: what is counted now is final.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Counts a row that was answered alone.</summary>
    /// <param name="ticks">The time it took, in ticks of a stopwatch.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Answer(long ticks) => Interlocked.Increment(ref Stripe()[LatencyBins.Of(ticks)]);

    /// <summary>Counts rows that were answered together: their time is comparable with nothing.</summary>
    public void AnswerBatch(int rows) => Interlocked.Add(ref Stripe()[Batched], rows);

    /// <summary>Counts rows that the version refused, for what they contain.</summary>
    public void Refuse(int rows) => Interlocked.Add(ref Stripe()[Refused], rows);

    /// <summary>Counts rows that the model failed on.</summary>
    public void Fail(int rows = 1) => Interlocked.Add(ref Stripe()[Failed], rows);

    public void Close() => _isClosed = true;

    /// <summary>What was counted until now.</summary>
    public CallCounts Read()
    {
        var counts = new CallCounts();
        foreach (var stripe in _stripes)
        {
            for (var bin = 0; bin < LatencyBins.Count; bin++)
            {
                if (Interlocked.Read(ref stripe[bin]) is var rows and > 0) counts.Add(bin, rows);
            }

            counts.Failed += Interlocked.Read(ref stripe[Failed]);
            counts.Refused += Interlocked.Read(ref stripe[Refused]);
            counts.Batched += Interlocked.Read(ref stripe[Batched]);
        }

        return counts;
    }

    private long[] Stripe() => _stripes[Thread.GetCurrentProcessorId() & (_stripes.Length - 1)];
}
