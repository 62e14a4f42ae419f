namespace MlOps.Sdk.Storage;

/// <summary>A setting that a search tried.</summary>
internal sealed record SearchTrialRow
{
    /// <summary>The id of the trial's own run.</summary>
    public string Trial { get; init; } = "";

    /// <summary>The id of the run that the trial was computed in, or taken over by.</summary>
    public string Run { get; init; } = "";

    /// <summary>What decides its result, as a hash; <see langword="null"/> where it is not taken over by other searches.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>What came of it, as JSON.</summary>
    public string Result { get; init; } = "";

    /// <summary>The artifact of its scores, as long as it is kept.</summary>
    public string? Scores { get; init; }
}
