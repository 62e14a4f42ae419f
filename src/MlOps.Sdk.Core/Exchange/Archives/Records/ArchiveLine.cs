namespace MlOps.Sdk;

/// <summary>A line of the runs: a run; or points of a series, messages of the log, or a trial of the run before.</summary>
internal sealed record ArchiveLine
{
    public ArchivedRun? Run { get; init; }

    public ArchivedPoints? Points { get; init; }

    public IReadOnlyList<ArchivedLogEntry>? Log { get; init; }

    public ArchivedTrial? Trial { get; init; }
}
