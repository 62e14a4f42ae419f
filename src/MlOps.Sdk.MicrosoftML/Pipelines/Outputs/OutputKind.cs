namespace MlOps.Sdk.MLNet;

/// <summary>Where a pipeline's prediction stands.</summary>
internal enum OutputKind
{
    /// <summary>In <c>Probability</c>: that of the positive class.</summary>
    Probability,

    /// <summary>In <c>Score</c>: the number of a regression, or a margin of the positive class, which is calibrated.</summary>
    Score,

    /// <summary>In the vector <c>Score</c>: a number for each class.</summary>
    ClassScores,
}
