namespace MlOps.Sdk.Storage;

/// <summary>What a check begins with.</summary>
/// <param name="Windows">The windows that are declared; <see langword="null"/> when none are.</param>
/// <param name="Panes">The parts that are not judged, without their profiles, the oldest first.</param>
/// <param name="Progress">How far the windows of each declaration are.</param>
internal sealed record CheckStart(
    string? Windows, IReadOnlyList<PaneRow> Panes, IReadOnlyDictionary<string, IReadOnlyList<WindowProgress>> Progress);
