namespace MlOps.Sdk.Deployment;

/// <summary>What became of a prediction that was to be recorded.</summary>
internal enum RecordOutcome
{
    /// <summary>It is recorded.</summary>
    Recorded,

    /// <summary>There is no room now.</summary>
    Full,

    /// <summary>The texts of its row are too long to be recorded at all; it is counted as dropped.</summary>
    TooLong,
}
