using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Who decided on an alert, when and why.</summary>
/// <param name="At">When.</param>
/// <param name="By">Who; <c>monitor</c> for what a check decided.</param>
/// <param name="Reason">Why.</param>
public sealed record AlertDecision(DateTimeOffset At, string By, string Reason)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
