using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>How the calls of a model are divided over its versions. The live version answers what no arm does.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Arms">
/// The arms beside the live version, in order, those that answer before the shadows; empty when there are none.
/// </param>
/// <param name="Generation">Grows with every change.</param>
/// <param name="At">Since when, in UTC.</param>
/// <param name="Actor">Who changed it.</param>
/// <param name="Reason">Why.</param>
public sealed record TrafficSplit(
    string Model, IReadOnlyList<TrafficArm> Arms, long Generation, DateTimeOffset At, string Actor, string Reason)
{
    /// <summary>The share of the live version, 0 to 1.</summary>
    public double LiveShare => Math.Max(0, 1 - Arms.Where(arm => !arm.IsShadow).Sum(arm => arm.Share));

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
