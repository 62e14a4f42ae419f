namespace MlOps.Sdk;

/// <summary>What the server says of a run.</summary>
internal sealed record MlflowRunInfo(string? RunId, string? ArtifactUri);
