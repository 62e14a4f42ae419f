using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What a model reads and writes.</summary>
/// <param name="Task">What is predicted.</param>
/// <param name="Features">The length of a feature vector.</param>
/// <param name="Outputs">Scores per row: 1 for binary (P(positive)) and regression (the number), one per class for multiclass.</param>
public sealed record ModelSignature(TaskKind Task, int Features, int Outputs);
