namespace MlOps.Sdk;

/// <summary>What the server says when it rejects a request.</summary>
internal sealed record MlflowError(string? ErrorCode, string? Message);
