using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Training;

/// <summary>What stage 7 logs; the event ids are stable.</summary>
internal static partial class TrainingLog
{
    [LoggerMessage(700, LogLevel.Warning, "A linear model has not converged; its coefficients are approximate. A stronger l2 helps.")]
    public static partial void NotConverged(ILogger logger);

    [LoggerMessage(701, LogLevel.Debug, "Trial {Trial} of {Candidate}: {Metric} = {Value:G4}.")]
    public static partial void TrialFinished(ILogger logger, int trial, string candidate, string metric, double value);

    [LoggerMessage(702, LogLevel.Warning, "Trial {Trial} of {Candidate} failed: {Reason}")]
    public static partial void TrialFailed(ILogger logger, int trial, string candidate, string reason);

    [LoggerMessage(703, LogLevel.Warning, "The guard {Metric} does not apply to {Candidate}: {Reason}")]
    public static partial void GuardNotApplicable(ILogger logger, string metric, string candidate, string reason);

    [LoggerMessage(
        704,
        LogLevel.Information,
        "{Candidate} won: {Metric} = {Value:G4}, decision threshold {Threshold:G4}, trials: {Trials}.")]
    public static partial void SearchFinished(ILogger logger, string candidate, int trials, string metric, double value, double threshold);

    [LoggerMessage(706, LogLevel.Warning, "The metrics {Metrics} do not read row weights: they count all rows equally.")]
    public static partial void MetricsIgnoreWeights(ILogger logger, string metrics);

    [LoggerMessage(
        705,
        LogLevel.Warning,
        "{Trainers} learn poorly from features of different scales: '{Largest}' reaches {LargestValue}, '{Smallest}' only " +
            "{SmallestValue}. " +
            "Standardize the features.")]
    public static partial void UnlikeScales(
        ILogger logger, string trainers, string largest, double largestValue, string smallest, double smallestValue);
}
