namespace MlOps.Sdk;

/// <summary>Rows that a run used, and what for.</summary>
internal sealed record MlflowDatasetInput(IReadOnlyList<MlflowPair> Tags, MlflowDataset Dataset);
