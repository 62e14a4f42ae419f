namespace MlOps.Sdk;

/// <summary>The leaderboards of runs.</summary>
public static class LeaderboardExtensions
{
    /// <summary>
    /// Reads the trials of a run's search, the best first: also of a run of another process, of one that failed or was killed, and of one
    /// that reused the search of an earlier run.
    /// </summary>
    /// <param name="workspace">The workspace of the run.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The leaderboard; <see langword="null"/> when no trial of the run has ended.</returns>
    /// <exception cref="MlOpsException">There is no such run, or its record is damaged.</exception>
    public static Task<RunLeaderboard?> LeaderboardAsync(
        this Workspace workspace, string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentException.ThrowIfNullOrWhiteSpace(runId);
        return new LeaderboardReading(workspace).ReadAsync(runId, cancellationToken);
    }
}
