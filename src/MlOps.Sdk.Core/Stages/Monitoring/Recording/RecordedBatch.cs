using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Predictions taken from a recorder at a time: as columns for the profiles, and encoded for the store.</summary>
/// <param name="At">When the first of them was made.</param>
/// <param name="Rows">The recorded columns.</param>
/// <param name="Scores">The scores.</param>
/// <param name="Encoded">The predictions for the store.</param>
internal sealed record RecordedBatch(DateTimeOffset At, RecordBatch Rows, double[] Scores, IReadOnlyList<PredictionRow> Encoded);
