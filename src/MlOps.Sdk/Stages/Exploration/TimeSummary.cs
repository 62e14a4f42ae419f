namespace MlOps.Sdk.Exploration;

/// <summary>Which times a column of points in time covers. Immutable.</summary>
/// <param name="First">The earliest, in UTC.</param>
/// <param name="Last">The latest, in UTC.</param>
/// <param name="Resolution">No gap that is shorter can be seen.</param>
/// <param name="CoveredShare">The share of the time from the first to the last, in steps of the resolution, that has a value.</param>
/// <param name="GapStart">Where the longest time without a value begins; <see langword="null"/> when there is none.</param>
/// <param name="GapEnd">Where it ends.</param>
public sealed record TimeSummary(DateTime First, DateTime Last, TimeSpan Resolution, double CoveredShare, DateTime? GapStart, DateTime? GapEnd);
