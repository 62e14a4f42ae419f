namespace MlOps.Sdk.Storage;

/// <summary>What a copy of the database says of itself.</summary>
/// <param name="WorkspaceId">The workspace that it is of.</param>
/// <param name="Schema">The number of its schema.</param>
/// <param name="AuditEntries">How many entries its audit log has.</param>
/// <param name="AuditHead">The hash of the last entry; empty where there is none.</param>
/// <param name="Artifacts">
/// The artifacts that it refers to, and whether they must be there: what a run was about to put may not be there yet.
/// </param>
internal sealed record DatabaseFacts(
    string WorkspaceId, int Schema, long AuditEntries, string AuditHead, IReadOnlyDictionary<ArtifactId, bool> Artifacts);
