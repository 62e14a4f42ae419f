namespace MlOps.Sdk.Tracking;

/// <summary>A setting that a search tried, once it has ended.</summary>
internal sealed record TrialRecord
{
    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, in UTC.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>What became of it.</summary>
    public required RunState State { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public string? Error { get; init; }

    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Its folds that began, in their order.</summary>
    public IReadOnlyList<TrialRecord> Folds { get; init; } = [];

    /// <summary>What decides its result, as a hash; <see langword="null"/> where no other search may take it over.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>What came of it, as JSON; <see langword="null"/> where nothing did.</summary>
    public string? Result { get; init; }

    /// <summary>Its out-of-fold scores, where it was the best so far; not changed any more.</summary>
    public double[]? Scores { get; init; }
}
