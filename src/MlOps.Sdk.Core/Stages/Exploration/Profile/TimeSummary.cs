using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>Which times a column of points in time covers; how often a time occurs does not matter. Immutable.</summary>
/// <param name="First">The earliest, in UTC.</param>
/// <param name="Last">The latest, in UTC.</param>
/// <param name="Resolution">
/// How finely the times were looked at: no gap that is shorter can be seen. It is not the step of the data.
/// </param>
/// <param name="CoveredShare">The share of the time from the first to the last that lies in no gap, 0 to 1.</param>
/// <param name="GapStart">
/// Where the longest gap begins: the last value before it, or a moment within <paramref name="Resolution"/> after that. A gap is more
/// than three times as long as 95 % of the distances of successive times, so weekends in business days are none.
/// <see langword="null"/> when there is none.
/// </param>
/// <param name="GapEnd">Where it ends: the first value after it, or a moment within <paramref name="Resolution"/> before that.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record TimeSummary(
    DateTime First, DateTime Last, TimeSpan Resolution, double CoveredShare, DateTime? GapStart, DateTime? GapEnd)
{
    /// <summary>
    /// The usual distance of successive times; <see langword="null"/> when there are fewer than two, or when they follow each other faster
    /// than <see cref="Resolution"/> shows.
    /// </summary>
    public TimeSpan? UsualStep { get; init; }

    /// <summary>
    /// The share of the steps from the first to the last time that have a value: 1 for every day, 5/7 for every business day. NaN for times
    /// without their own step, as events are.
    /// </summary>
    public double StepsWithValue { get; init; } = double.NaN;

    /// <summary>The number of gaps.</summary>
    public int Gaps { get; init; }

    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
