using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>A stage of a run.</summary>
/// <param name="Stage">Which stage.</param>
/// <param name="State">What became of it.</param>
/// <param name="Fingerprint">What its result depends on, as a hash; <see langword="null"/> before it begins.</param>
/// <param name="Reason">Why it ran or was reused; <see langword="null"/> before it begins.</param>
/// <param name="StartedAt">When it began, in UTC.</param>
/// <param name="Elapsed">How long it took, once it has ended.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Outputs">What it made, by name.</param>
public sealed record StageRecord(
    LifecycleStage Stage,
    StageState State,
    string? Fingerprint,
    string? Reason,
    DateTimeOffset? StartedAt,
    TimeSpan? Elapsed,
    string? Error,
    IReadOnlyDictionary<string, ArtifactId> Outputs)
{
    /// <summary>The stage in a line.</summary>
    public override string ToString() => $"{(int)Stage} {Stage}: {State}" +
        $"{(Elapsed is { } time ? FormattableString.Invariant($" in {time.TotalSeconds:0.0} s") : "")}" +
        $"{(Reason is null ? "" : $", {Reason}")}{(Error is null ? "" : $": {Error}")}";
}
