using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>A window that is to be judged.</summary>
/// <param name="Windows">The declaration that it belongs to, as text.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Key">Which it is.</param>
/// <param name="Bounds">Its period, in ticks; <see langword="null"/> where predictions bound it.</param>
/// <param name="HasEnded">Whether it ends with this check whatever comes of it.</param>
/// <param name="ProgressVersion">The version whose progress it belongs to; 0 for all.</param>
/// <param name="Panes">Its parts, of any version.</param>
internal sealed record DueWindow(
    string Windows,
    WindowKind Kind,
    long Key,
    (long From, long To)? Bounds,
    bool HasEnded,
    int ProgressVersion,
    IReadOnlyList<PaneRow> Panes);
