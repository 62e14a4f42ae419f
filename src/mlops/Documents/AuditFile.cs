using MlOps.Sdk.Audit;

namespace MlOps.Sdk.Tool;

/// <summary>An export of the audit log.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Entries">How many entries it has.</param>
internal sealed record AuditFile(string Path, AuditFormat Format, long Entries);
