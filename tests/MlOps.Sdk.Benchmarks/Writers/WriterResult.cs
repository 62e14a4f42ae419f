namespace MlOps.Sdk.Benchmarks.Writers;

/// <summary>What came of one run.</summary>
/// <param name="RowsPerSecond">Acknowledged rows of all processes, until one was killed.</param>
/// <param name="Shares">The processes' shares in these rows.</param>
/// <param name="LongestWait">The longest that any write took, to the end.</param>
/// <param name="Errors">Writes that failed, for a lock or otherwise.</param>
/// <param name="Acknowledged">Rows that were acknowledged, to the end.</param>
/// <param name="Lost">Acknowledged rows that are not there, and rows out of order.</param>
internal sealed record WriterResult(
    double RowsPerSecond, IReadOnlyList<double> Shares, TimeSpan LongestWait, long Errors, long Acknowledged, long Lost);
