namespace MlOps.Sdk;

/// <summary>An artifact of a run in an archive.</summary>
internal sealed record ArchivedFile(string Name, string Artifact, long Length, long At);
