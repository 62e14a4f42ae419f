using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>A window that is to be judged.</summary>
/// <param name="Windows">The declaration that it belongs to, as text.</param>
/// <param name="Declared">The declaration; <see langword="null"/> where it is not known here.</param>
/// <param name="Key">Which it is.</param>
/// <param name="Bounds">Its period, with the offset of its time zone; <see langword="null"/> where predictions bound it.</param>
/// <param name="HasEnded">Whether it ends with this check whatever comes of it.</param>
/// <param name="ProgressVersion">The version whose progress it belongs to; 0 for all.</param>
/// <param name="Panes">Its parts, of any version.</param>
internal sealed record DueWindow(
    string Windows,
    MonitoringWindows? Declared,
    long Key,
    (DateTimeOffset From, DateTimeOffset To)? Bounds,
    bool HasEnded,
    int ProgressVersion,
    IReadOnlyList<PaneRow> Panes)
{
    /// <summary>Its kind.</summary>
    public WindowKind Kind => Declared?.Kind ?? WindowKind.SinceLastCheck;
}
