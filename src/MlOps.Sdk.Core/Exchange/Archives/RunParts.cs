using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>A run of an archive with what follows it there. Not thread-safe.</summary>
internal sealed record RunParts(ArchivedRun Run)
{
    public List<MetricRow> Metrics { get; } = [];

    public List<ArchivedLogEntry> Log { get; } = [];

    public List<ArchivedTrial> Trials { get; } = [];

    /// <summary>Adds a line that follows the run.</summary>
    public void Add(ArchiveLine line)
    {
        if (line.Points is { } points)
        {
            for (var i = 0; i < points.Steps.Length; i++)
            {
                Metrics.Add(new MetricRow { Name = points.Name, Step = points.Steps[i], Value = points.Values[i], At = points.At[i] });
            }
        }
        else if (line.Log is { } log) Log.AddRange(log);
        else if (line.Trial is { } trial) Trials.Add(trial);
    }
}
