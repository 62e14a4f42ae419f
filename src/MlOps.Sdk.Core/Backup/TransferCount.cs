namespace MlOps.Sdk;

/// <summary>Counts what was copied, and says so in an order that never goes back. Thread-safe.</summary>
internal sealed class TransferCount(IProgress<TransferProgress>? progress, long totalBytes, int totalItems)
{
    private readonly Lock _lock = new();
    private long _bytes;
    private int _items;

    /// <summary>Adds bytes.</summary>
    public void Add(long bytes, int items = 0)
    {
        if (progress is null) return;
        lock (_lock)
        {
            _bytes += bytes;
            _items += items;
            progress.Report(new TransferProgress(_bytes, totalBytes, _items, totalItems));
        }
    }
}
