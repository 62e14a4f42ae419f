namespace MlOps.Sdk;

/// <summary>Rows that a run used.</summary>
internal sealed record MlflowDataset(string Name, string Digest, string SourceType, string Source);
