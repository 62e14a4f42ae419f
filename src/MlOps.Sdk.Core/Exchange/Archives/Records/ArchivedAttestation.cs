namespace MlOps.Sdk;

/// <summary>What gates said of a version in the workspace that it comes from.</summary>
internal sealed record ArchivedAttestation(long IssuedAt, string Actor, string Gates);
