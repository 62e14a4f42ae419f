using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>That a version was deleted. Its number is not given again, and its record stays.</summary>
/// <param name="At">When, in UTC.</param>
/// <param name="Actor">Who deleted it.</param>
/// <param name="Reason">Why.</param>
public sealed record VersionDeletion(DateTimeOffset At, string Actor, string Reason)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
