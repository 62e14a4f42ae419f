namespace MlOps.Sdk;

/// <summary>A parameter or a tag.</summary>
internal sealed record MlflowPair(string Key, string Value);
