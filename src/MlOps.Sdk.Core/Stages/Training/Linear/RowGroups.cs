namespace MlOps.Sdk.Training;

/// <summary>
/// Splits rows into groups that are summed apart and joined in order. The groups follow from the data's size alone, never from the number
/// of threads, so that floating-point sums come out the same to the last bit for any number of threads.
/// </summary>
internal readonly struct RowGroups
{
    private const int MostGroups = 64;
    private const int LeastRows = 1024;
    private const long MostBytes = 64L << 20;

    private readonly int _rows;

    /// <summary>Creates the groups.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="bytesPerGroup">What a group's sums take in memory; large sums get few groups.</param>
    public RowGroups(int rows, long bytesPerGroup)
    {
        _rows = rows;
        var most = Math.Clamp(MostBytes / Math.Max(1, bytesPerGroup), 1, MostGroups);
        Count = (int)Math.Clamp(rows / LeastRows, 1, most);
    }

    public int Count { get; }

    public (int Start, int End) Range(int group) => ((int)((long)_rows * group / Count), (int)((long)_rows * (group + 1) / Count));

    /// <summary>Runs work once per group on at most so many threads.</summary>
    public void ForEach(int threads, Action<int> work, CancellationToken cancellationToken)
    {
        if (threads == 1 || Count == 1)
        {
            for (var group = 0; group < Count; group++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                work(group);
            }

            return;
        }

        Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, work);
    }
}
