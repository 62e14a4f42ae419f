using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Monitoring;

internal static partial class MonitoringLog
{
    [LoggerMessage(EventId = 9001, Level = LogLevel.Warning, Message = "{Message}")]
    public static partial void Changed(ILogger logger, string message);

    [LoggerMessage(EventId = 9002, Level = LogLevel.Error, Message = "The alert could not be sent through {Sink}")]
    public static partial void AlertFailed(ILogger logger, string sink, Exception exception);

    [LoggerMessage(EventId = 9003, Level = LogLevel.Error, Message = "Predictions of {Model} could not be stored; " +
        "storing is tried again, and predictions that find no room meanwhile are counted as dropped")]
    public static partial void StoringFailed(ILogger logger, string model, Exception exception);

    [LoggerMessage(EventId = 9004, Level = LogLevel.Information, Message = "{Model} asks for retraining because of {Signal}")]
    public static partial void RetrainingAsked(ILogger logger, string model, Signal signal);

    [LoggerMessage(EventId = 9008, Level = LogLevel.Warning, Message = "The last report of {Model} cannot be read: " +
        "its alarm budget begins anew")]
    public static partial void BudgetUnknown(ILogger logger, string model, Exception exception);

    [LoggerMessage(EventId = 9010, Level = LogLevel.Warning, Message = "An earlier report of {Model} cannot be read: " +
        "an alert may be sent again")]
    public static partial void ReportUnreadable(ILogger logger, string model, Exception exception);

    [LoggerMessage(EventId = 9006, Level = LogLevel.Information, Message = "{Message} An alert of it was sent before")]
    public static partial void StillChanged(ILogger logger, string message);

    [LoggerMessage(EventId = 9007, Level = LogLevel.Warning, Message = "The monitors of {Lifecycle} alarm in {Alarms} of " +
        "{Windows} windows of its own training rows, because of {Subjects}: these change with time, or the rows are in their order")]
    public static partial void ReplayAlarmed(ILogger logger, string lifecycle, int alarms, int windows, string subjects);

    [LoggerMessage(
        EventId = 9009,
        Level = LogLevel.Information,
        Message = "A corrected label takes up again the retraining of {Model} that was given up; it was asked for by {Signal}")]
    public static partial void RetrainingRevived(ILogger logger, string model, string signal);

    [LoggerMessage(
        EventId = 9011,
        Level = LogLevel.Warning,
        Message = "Labels of {Model} are stored without a check against the rows of run {Run}, which cannot be read now")]
    public static partial void LabelsUnchecked(ILogger logger, string model, string run, Exception exception);

    [LoggerMessage(
        EventId = 9012,
        Level = LogLevel.Warning,
        Message = "The {Plugin} of {Model} did not end when its check was cancelled: it is left behind")]
    public static partial void LeftBehind(ILogger logger, string plugin, string model);

    [LoggerMessage(EventId = 9005, Level = LogLevel.Error, Message = "The monitor '{Monitor}' of {Model} failed; the other monitors go on")]
    public static partial void MonitorFailed(ILogger logger, string monitor, string model, Exception exception);
}
