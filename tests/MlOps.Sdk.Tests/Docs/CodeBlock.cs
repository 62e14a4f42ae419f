namespace MlOps.Sdk.Tests.Docs;

/// <summary>A fenced code block of a page.</summary>
internal sealed record CodeBlock(int Line, string Language, string? Snippet, string Code);
