using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>A trial of an earlier search, or of this one before it was interrupted.</summary>
/// <param name="Trial">The id of the trial's own run.</param>
/// <param name="Run">The id of the run whose search it is of.</param>
/// <param name="Fingerprint">What decides its result.</param>
/// <param name="Result">What came of it, as JSON.</param>
/// <param name="Scores">Its out-of-fold scores, where they are kept.</param>
internal sealed record KeptTrial(string Trial, string Run, string Fingerprint, string Result, ArtifactId? Scores);
