namespace MlOps.Sdk.Storage;

/// <summary>How far the windows of a model are: of all versions (version 0), and by count of each.</summary>
internal sealed class WindowProgress
{
    public int Version { get; init; }

    /// <summary>How many predictions were counted.</summary>
    public long Counted { get; init; }

    /// <summary>Windows before this one are judged; <see langword="null"/> when none is.</summary>
    public long? Judged { get; init; }

    /// <summary>The latest event time in ticks; <see langword="null"/> before the first.</summary>
    public long? Newest { get; init; }

    /// <summary>Predictions for closed windows that no report has told yet.</summary>
    public long Late { get; init; }

    /// <summary>Predictions without a usable event time that no report has told yet.</summary>
    public long Untimed { get; init; }
}
