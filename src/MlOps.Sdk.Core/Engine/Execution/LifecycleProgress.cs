using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>How far a run is.</summary>
/// <param name="Stage">The current stage.</param>
/// <param name="Step">What the stage is doing, in a word or two.</param>
/// <param name="Fraction">How much of the stage is done, 0 to 1.</param>
/// <param name="Elapsed">Since the run began.</param>
/// <param name="Message">A sentence for people; <see langword="null"/> when there is nothing to say.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record LifecycleProgress(LifecycleStage Stage, string Step, double Fraction, TimeSpan Elapsed, string? Message = null);
