namespace MlOps.Sdk.Collection;

/// <summary>Identifies the content of a source: equal versions have equal rows.</summary>
/// <param name="Value">For example <c>sha256:…</c> of a file's bytes.</param>
public sealed record ContentVersion(string Value);
