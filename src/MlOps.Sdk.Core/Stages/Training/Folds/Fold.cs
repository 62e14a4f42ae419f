namespace MlOps.Sdk.Training;

/// <summary>One fold of a cross-validation: features fitted on its training rows alone.</summary>
/// <param name="Train">The rows that are learned from.</param>
/// <param name="Validation">The rows that are predicted.</param>
/// <param name="ValidationRows">Their positions among all training rows.</param>
internal sealed record Fold(LearningRows Train, LearningRows Validation, int[] ValidationRows);
