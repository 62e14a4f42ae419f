namespace MlOps.Sdk;

/// <summary>That a version was deleted, in an archive.</summary>
internal sealed record ArchivedDeletion(long At, string Actor, string Reason);
