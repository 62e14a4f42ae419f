using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>What somebody wrote about a run.</summary>
/// <param name="At">When, in UTC.</param>
/// <param name="Actor">Who.</param>
/// <param name="Text">What.</param>
public sealed record RunNote(DateTimeOffset At, string Actor, string Text)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
