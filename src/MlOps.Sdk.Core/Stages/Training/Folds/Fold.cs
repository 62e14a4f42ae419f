using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>One fold of a cross-validation: features fitted on its training rows alone.</summary>
/// <param name="Train">The features of the rows that are learned from.</param>
/// <param name="TrainLabels">Their labels.</param>
/// <param name="Validation">The features of the rows that are predicted.</param>
/// <param name="ValidationLabels">Their labels.</param>
/// <param name="ValidationRows">Their positions among all training rows.</param>
internal sealed record Fold(
    FeatureMatrix Train,
    ReadOnlyMemory<double> TrainLabels,
    FeatureMatrix Validation,
    ReadOnlyMemory<double> ValidationLabels,
    int[] ValidationRows);
