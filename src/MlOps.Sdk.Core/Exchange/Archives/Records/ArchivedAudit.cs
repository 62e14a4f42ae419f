namespace MlOps.Sdk;

/// <summary>An entry of an audit log in an archive, with the hash of its predecessor, so that each can be verified alone.</summary>
internal sealed record ArchivedAudit(
    long Sequence, long At, string Actor, string Action, string Subject, string Details, string Hash, string Previous);
