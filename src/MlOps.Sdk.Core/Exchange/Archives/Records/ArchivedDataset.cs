namespace MlOps.Sdk;

/// <summary>Rows that a run used, in an archive.</summary>
internal sealed record ArchivedDataset(string Name, string Role, long Rows, string Hash, string Columns);
