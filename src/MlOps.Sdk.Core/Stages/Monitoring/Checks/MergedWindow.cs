using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>The predictions of one version in a window, of all processes.</summary>
internal sealed record MergedWindow
{
    public required MonitoringWindow Window { get; init; }

    public required WindowShape Shape { get; init; }

    /// <summary>The time of the first prediction, in ticks.</summary>
    public required long FirstAt { get; init; }

    /// <summary>The time of the last prediction, in ticks.</summary>
    public required long LastAt { get; init; }

    public required string Marks { get; init; }

    /// <summary>Predictions in parts that are damaged.</summary>
    public required long UnreadableRows { get; init; }

    /// <summary>The numbers of the parts.</summary>
    public required IReadOnlyList<long> Panes { get; init; }

    /// <summary>The numbers of the parts that are not damaged.</summary>
    public required IReadOnlyList<long> Readable { get; init; }

    public int Version => Window.Version;

    /// <summary>The window as one part, for the next check.</summary>
    public PaneRow ToPane(string windows, long key, DateTimeOffset now) => new()
    {
        Model = Window.Model,
        Windows = windows,
        Key = key,
        Version = Version,
        FirstAt = FirstAt,
        LastAt = LastAt,
        Rows = Window.RowCount,
        Marks = Marks,
        StoredAt = now.UtcTicks,
        Profiles = PaneFile.Write(Window, Shape),
    };
}
