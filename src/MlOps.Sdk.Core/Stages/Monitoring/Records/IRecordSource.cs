namespace MlOps.Sdk.Monitoring;

/// <summary>Where the records of a version are read from. Thread-safe.</summary>
internal interface IRecordSource
{
    /// <summary>The predictions of a time, both ends included, with their labels.</summary>
    Task<LabelledPredictions> LabelledAsync(
        DateTimeOffset from, DateTimeOffset to, IReadOnlyList<string> attributes, CancellationToken cancellationToken);

    /// <summary>The calls of a time.</summary>
    Task<ServedCalls> CallsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>
    /// The calls of all versions in parts of a time; <see langword="null"/> where they were not counted from its beginning.
    /// </summary>
    Task<long[]?> VolumeAsync(DateTimeOffset from, TimeSpan part, int parts, CancellationToken cancellationToken);

    /// <summary>How good the version was when it was released.</summary>
    Task<ReleasedEvaluation> ReleasedAsync(CancellationToken cancellationToken);
}
