namespace MlOps.Sdk.Tool;

/// <summary>A model in a line.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LiveVersion">The version that the alias champion points to; <see langword="null"/> when none is live.</param>
/// <param name="LiveSince">When it went live, in UTC.</param>
/// <param name="Versions">How many versions there are.</param>
/// <param name="LatestVersion">The newest version; <see langword="null"/> when there is none.</param>
/// <param name="LatestAt">When the newest version was registered, in UTC.</param>
internal sealed record ModelSummary(
    string Name, int? LiveVersion, DateTimeOffset? LiveSince, int Versions, int? LatestVersion, DateTimeOffset? LatestAt);
