namespace MlOps.Sdk.Storage;

/// <summary>A verdict of monitoring over a window of predictions.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version.</param>
/// <param name="At">When it was made.</param>
/// <param name="WindowStart">The time of the first prediction of the window; without predictions its beginning.</param>
/// <param name="WindowEnd">The last tick of the window: by the calendar the time of its last prediction.</param>
/// <param name="Report">The measurements and findings as JSON.</param>
/// <param name="Artifact">A longer report, where there is one.</param>
internal sealed record VerdictRow(
    string Model,
    int Version,
    DateTimeOffset At,
    DateTimeOffset WindowStart,
    DateTimeOffset WindowEnd,
    string Report,
    ArtifactId? Artifact)
{
    /// <summary>The marks of the window's predictions; <see langword="null"/> where they have none.</summary>
    public string? Marks { get; init; }

    /// <summary>Whether the window has ended.</summary>
    public bool IsComplete { get; init; }
}
