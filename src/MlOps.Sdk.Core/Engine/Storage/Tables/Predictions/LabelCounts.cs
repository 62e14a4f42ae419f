namespace MlOps.Sdk.Storage;

/// <summary>How many labels there are.</summary>
/// <param name="Labelled">Predictions of the model with a label.</param>
/// <param name="Changed">Of these, how many times a label was replaced by a different one.</param>
/// <param name="Unmatched">Labels of the model without a recorded prediction.</param>
internal sealed record LabelCounts(long Labelled, long Changed, long Unmatched);
