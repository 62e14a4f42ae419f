namespace MlOps.Sdk.Storage;

/// <summary>A recorded prediction whose true answer is known.</summary>
/// <param name="Position">The label's place in the order of labelling; continue reading after it.</param>
/// <param name="Prediction">The prediction.</param>
/// <param name="Label">The true answer as text.</param>
/// <param name="LabelledAt">When the answer became known.</param>
internal sealed record LabelledPrediction(long Position, PredictionRow Prediction, string Label, DateTimeOffset LabelledAt);
