using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>A change of the fallback of a model.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Fallback">What answers since then where the model does not; <see langword="null"/> for nothing.</param>
/// <param name="Generation">Grows with every change.</param>
/// <param name="At">Since when, in UTC.</param>
/// <param name="Actor">Who changed it.</param>
/// <param name="Reason">Why.</param>
public sealed record FallbackChange(
    string Model, ModelFallback? Fallback, long Generation, DateTimeOffset At, string Actor, string Reason)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
