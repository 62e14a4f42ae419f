using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>What a trainer learns from. Immutable.</summary>
public sealed class TrainingContext : TrainingRequest
{
    /// <summary>The features of the training rows.</summary>
    public required FeatureMatrix Features { get; init; }

    /// <summary>
    /// Rows by which a trainer may see when to stop, cut from the training rows; <see langword="null"/> when there are none, or the trainer
    /// does not take them.
    /// </summary>
    public ValidationRows? Validation { get; init; }
}
