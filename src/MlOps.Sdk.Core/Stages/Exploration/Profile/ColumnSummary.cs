using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>
/// A column in numbers. Immutable. Numbers that the type does not have are NaN; for text, moments and quantiles are those
/// of the length where they exist.
/// </summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Its type.</param>
/// <param name="Count">The number of rows.</param>
/// <param name="Missing">How many have no value.</param>
/// <param name="Infinite">How many values are infinite.</param>
/// <param name="Distinct">About how many distinct values there are, exactly for texts of which there are few; NaN for vectors.</param>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">The standard deviation, divisor n − 1.</param>
/// <param name="Minimum">The smallest value.</param>
/// <param name="LowerQuartile">The 25 % quantile, by sketch.</param>
/// <param name="Median">The median, by sketch.</param>
/// <param name="UpperQuartile">The 75 % quantile, by sketch.</param>
/// <param name="Maximum">The largest value.</param>
/// <param name="Skewness">The skewness.</param>
/// <param name="Frequent">The ten most frequent texts; empty for other types.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ColumnSummary(
    string Name, ColumnType Type, long Count, long Missing, long Infinite, double Distinct,
    double Mean,
    double StandardDeviation,
    double Minimum,
    double LowerQuartile,
    double Median,
    double UpperQuartile,
    double Maximum,
    double Skewness,
    IReadOnlyList<FrequentItem> Frequent)
{
    /// <summary>The excess kurtosis: 0 for a normal distribution.</summary>
    public double Kurtosis { get; init; } = double.NaN;

    /// <summary>
    /// Whether no value occurs twice, counted rather than estimated; <see langword="null"/> when that is not known: for other types
    /// than texts and integers, without values, for more than 100,000 values (fewer in tables of more than 10 columns, which share a
    /// million), and for merged profiles.
    /// </summary>
    public bool? IsUnique { get; init; }

    /// <summary>How many of the missing values are NaN, not absent.</summary>
    public long NotANumber { get; init; }

    /// <summary>How the values are spread; <see langword="null"/> for texts and vectors, and without values.</summary>
    public ColumnHistogram? Histogram { get; init; }

    /// <summary>The times that are covered; <see langword="null"/> for other types, and without values.</summary>
    public TimeSummary? Times { get; init; }

    /// <summary>The characters of all texts; zeros for other types.</summary>
    public CharacterCounts Characters { get; init; }

    /// <summary>The summary of a profile.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="profile">Its profile.</param>
    public static ColumnSummary Of(string name, ColumnProfile profile) => new(
        name, profile.Type, profile.Count, profile.Missing, profile.Infinite, CountDistinct(profile),
        profile.Moments?.Mean ?? double.NaN,
        profile.Moments?.StandardDeviation ?? double.NaN,
        profile.Moments?.Minimum ?? double.NaN,
        profile.Quantiles?.Quantile(0.25) ?? double.NaN,
        profile.Quantiles?.Quantile(0.5) ?? double.NaN,
        profile.Quantiles?.Quantile(0.75) ?? double.NaN,
        profile.Moments?.Maximum ?? double.NaN,
        profile.Moments?.Skewness ?? double.NaN,
        profile.Items?.Top(10) ?? [])
    {
        Kurtosis = profile.Moments?.ExcessKurtosis ?? double.NaN,
        Histogram = ColumnHistogram.Of(profile),
        Times = profile.Times is { First: { } first, Last: { } last } times
            ? new TimeSummary(first, last, times.Resolution, times.CoveredShare, times.LongestGap?.Start, times.LongestGap?.End)
            {
                UsualStep = times.UsualStep,
                StepsWithValue = times.StepsWithValue,
                Gaps = times.Gaps
            }
            : null,
        Characters = profile.Characters,
    };

    // While no text had to be left out, all of them are known.
    private static double CountDistinct(ColumnProfile profile) =>
        profile.Items is { MaximumError: 0, Count: > 0 } items ? items.Top(items.Capacity).Count
        : profile.Distinct is { } distinct ? Math.Round(distinct.Estimate()) : double.NaN;

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
