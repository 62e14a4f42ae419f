using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>Whether a model may answer: stopped by <c>Traffic.StopAsync</c>, or resumed since.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="IsStopped">Whether it is stopped.</param>
/// <param name="Generation">Grows with every change.</param>
/// <param name="At">Since when, in UTC.</param>
/// <param name="Actor">Who changed it.</param>
/// <param name="Reason">Why.</param>
public sealed record ModelSwitch(string Model, bool IsStopped, long Generation, DateTimeOffset At, string Actor, string Reason)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
