namespace MlOps.Sdk;

/// <summary>A line of the runs: a run, or points of a series of the run before.</summary>
internal sealed record ArchiveLine
{
    public ArchivedRun? Run { get; init; }

    public ArchivedPoints? Points { get; init; }
}
