namespace MlOps.Sdk.Storage;

/// <summary>
/// Names who is about to refer to an artifact: until then, nobody collects it. It is over after an hour, for processes that are killed.
/// </summary>
internal static class PassingReference
{
    private const string Prefix = "passing:";

    /// <summary>A name that nobody else has, as owner of the kind <see cref="RunArtifacts.OwnerKind"/>.</summary>
    public static string Next(TimeProvider clock) =>
        $"{Prefix}{ArtifactRefTable.Until(Ticks.Add(clock.GetUtcNow(), ArtifactCollector.DefaultGrace))}.{Guid.NewGuid():N}";

    /// <summary>Whether the time of an owner is over; <see langword="null"/> for a run.</summary>
    public static bool? IsOver(string owner, DateTimeOffset now) => owner.StartsWith(Prefix, StringComparison.Ordinal)
        ? string.Compare(owner, Prefix.Length, ArtifactRefTable.Until(now), 0, 20, StringComparison.Ordinal) < 0
        : null;
}
