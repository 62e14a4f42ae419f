namespace MlOps.Sdk;

/// <summary>Something of an archive that the workspace has otherwise, and that was left as it is.</summary>
/// <param name="Subject">What: <c>run:…</c> or <c>model:…/…</c>.</param>
/// <param name="Problem">How they differ, as a sentence.</param>
public sealed record ImportConflict(string Subject, string Problem);
