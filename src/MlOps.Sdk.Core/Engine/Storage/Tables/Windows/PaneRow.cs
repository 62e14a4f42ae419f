namespace MlOps.Sdk.Storage;

/// <summary>A part of a window of predictions, of one process.</summary>
internal sealed record PaneRow
{
    public long No { get; init; }

    public string Model { get; init; } = "";

    /// <summary>Which windows it is a part of; see <c>MonitoringWindows.Text</c>.</summary>
    public string Windows { get; init; } = "";

    /// <summary>Which of them.</summary>
    public long Key { get; init; }

    public int Version { get; init; }

    /// <summary>The process.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The time of the first prediction, in ticks.</summary>
    public long FirstAt { get; init; }

    /// <summary>The time of the last prediction, in ticks.</summary>
    public long LastAt { get; init; }

    public long Rows { get; init; }

    /// <summary>The marks of its predictions; see <see cref="PaneMarks"/>.</summary>
    public string Marks { get; init; } = "";

    public long StoredAt { get; init; }

    /// <summary>The profiles; empty where they were not read.</summary>
    public byte[] Profiles { get; init; } = [];
}
