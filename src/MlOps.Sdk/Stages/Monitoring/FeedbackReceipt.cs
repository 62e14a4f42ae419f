using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.Monitoring;

/// <summary>What became of labels that arrived.</summary>
/// <param name="Added">Predictions that had no label before.</param>
/// <param name="Changed">Predictions whose label was replaced by another.</param>
/// <param name="Unchanged">Predictions that had this label already.</param>
/// <param name="Unmatched">Ids under which no prediction is recorded; their labels are kept until it is.</param>
public sealed record FeedbackReceipt(int Added, int Changed, int Unchanged, IReadOnlyList<PredictionId> Unmatched);
