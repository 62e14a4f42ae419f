namespace MlOps.Sdk.Tests.Compatibility;

/// <summary>The audit log of the earlier workspace.</summary>
internal sealed record ExpectedAudit(long Entries, string HeadHash);
