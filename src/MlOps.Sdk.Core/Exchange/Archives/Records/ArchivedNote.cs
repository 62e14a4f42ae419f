namespace MlOps.Sdk;

/// <summary>A note of a run in an archive.</summary>
internal sealed record ArchivedNote(long At, string Actor, string Text);
