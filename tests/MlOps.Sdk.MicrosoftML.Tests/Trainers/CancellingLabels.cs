using System.Buffers;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Labels that cancel when they have been asked for so often: trainers that say nothing while they learn still read.</summary>
internal sealed class CancellingLabels(CancellationTokenSource cancellation, double[] labels, int reads) : MemoryManager<double>
{
    private int _left = reads;

    public bool AreSpent => Volatile.Read(ref _left) <= 0;

    public override Span<double> GetSpan()
    {
        if (Interlocked.Decrement(ref _left) == 0) cancellation.Cancel();
        return labels;
    }

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

    public override void Unpin() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
    }
}
