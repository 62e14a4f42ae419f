namespace MlOps.Sdk;

/// <summary>
/// A trial of the search of a run in an archive: the id of its own run, and what came of it as JSON. Neither its scores nor its fingerprint
/// are carried: no search of another workspace takes it over.
/// </summary>
internal sealed record ArchivedTrial(string Trial, string Result);
