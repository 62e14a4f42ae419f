namespace MlOps.Sdk.Storage;

/// <summary>A recorded prediction.</summary>
/// <param name="Position">Its place in the order of recording; continue reading after it.</param>
/// <param name="Prediction">The prediction.</param>
internal sealed record StoredPrediction(long Position, PredictionRow Prediction);
