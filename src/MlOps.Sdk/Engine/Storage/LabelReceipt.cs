namespace MlOps.Sdk.Storage;

/// <summary>What became of a batch of labels.</summary>
/// <param name="Added">New labels.</param>
/// <param name="Changed">Labels that replaced a different one.</param>
/// <param name="Unchanged">Labels that were known already.</param>
/// <param name="Unmatched">Prediction ids of the batch that no recorded prediction of the model has; their labels are kept and match when the prediction arrives.</param>
internal sealed record LabelReceipt(int Added, int Changed, int Unchanged, IReadOnlyList<string> Unmatched);
