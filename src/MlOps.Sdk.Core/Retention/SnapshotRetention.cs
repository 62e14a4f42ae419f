using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk;

/// <summary>
/// Which runs keep their snapshots: the rows that they collected and processed. What a run found, its model, the keys of its holdout and
/// every record stay in any case. Whatever this says, a lifecycle keeps the snapshots of its latest run that succeeded, of runs that are at
/// work, and of those that the version that an alias points to, and the ones it was retrained from, came of.
/// </summary>
public sealed record SnapshotRetention
{
    /// <summary>How many of the latest runs of each lifecycle that succeeded keep theirs, at least 1. Default: 10.</summary>
    [Range(1, int.MaxValue)]
    public int KeepRuns { get; init; } = 10;

    /// <summary>How long every run keeps its snapshots after it began, whatever its end; not negative. Default: 90 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(90);
}
