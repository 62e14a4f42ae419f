using MlOps.Sdk.Audit;

namespace MlOps.Sdk.Tool;

/// <summary>Entries of the audit log.</summary>
/// <param name="Entries">The entries, the oldest first.</param>
internal sealed record AuditEntries(IReadOnlyList<AuditEntry> Entries);
