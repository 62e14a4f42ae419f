namespace MlOps.Sdk.Storage;

/// <summary>What became of a batch of labels; each is counted once.</summary>
/// <param name="Added">New labels of recorded predictions.</param>
/// <param name="Changed">Labels of recorded predictions that replaced a different one.</param>
/// <param name="Unchanged">Labels of recorded predictions that were known already.</param>
/// <param name="Unmatched">
/// Prediction ids of the batch that no recorded prediction of the model has; their labels are kept and match when the prediction arrives.
/// </param>
/// <param name="Revived">
/// What had requested the retraining that had been given up, and is requested again since a label changed; <see langword="null"/> when
/// there is none.
/// </param>
internal sealed record LabelReceipt(int Added, int Changed, int Unchanged, IReadOnlyList<string> Unmatched, string? Revived);
