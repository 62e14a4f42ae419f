namespace MlOps.Sdk.Storage;

/// <summary>The true answer to a prediction.</summary>
/// <param name="Model">The model that predicted.</param>
/// <param name="PredictionId">The prediction, which may not be recorded yet.</param>
/// <param name="Label">The answer as text.</param>
/// <param name="At">When it became known.</param>
internal sealed record LabelRow(string Model, string PredictionId, string Label, DateTimeOffset At);
