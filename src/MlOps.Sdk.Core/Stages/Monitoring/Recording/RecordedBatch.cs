using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Predictions taken from a recorder at a time: as columns for the profiles, and encoded for the store.</summary>
internal sealed record RecordedBatch(DateTimeOffset At, RecordBatch Rows, double[] Scores, IReadOnlyList<PredictionRow> Encoded);
