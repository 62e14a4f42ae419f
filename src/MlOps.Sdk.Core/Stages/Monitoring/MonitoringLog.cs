using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Monitoring;

internal static partial class MonitoringLog
{
    [LoggerMessage(EventId = 9001, Level = LogLevel.Warning, Message = "{Message}")]
    public static partial void Changed(ILogger logger, string message);

    [LoggerMessage(EventId = 9002, Level = LogLevel.Error, Message = "The alert could not be sent through {Sink}")]
    public static partial void AlertFailed(ILogger logger, string sink, Exception exception);

    [LoggerMessage(EventId = 9034, Level = LogLevel.Warning, Message = "The alert {Alert} of {Model} may not have been sent, because the " +
        "process that raised it ended; it is sent now")]
    public static partial void AlertRepeated(ILogger logger, string alert, string model);

    [LoggerMessage(EventId = 9003, Level = LogLevel.Error, Message = "Predictions of {Model} could not be stored; " +
        "they are written again later; predictions that do not fit into the queue meanwhile are counted as dropped")]
    public static partial void StoringFailed(ILogger logger, string model, Exception exception);

    [LoggerMessage(EventId = 9004, Level = LogLevel.Information, Message = "A retraining of {Model} is requested because of {Signal}")]
    public static partial void RetrainingAsked(ILogger logger, string model, Signal signal);

    [LoggerMessage(EventId = 9008, Level = LogLevel.Warning, Message = "The last report of {Model} cannot be read: " +
        "its alarm budget is reset")]
    public static partial void BudgetUnknown(ILogger logger, string model, Exception exception);

    [LoggerMessage(EventId = 9010, Level = LogLevel.Warning, Message = "An earlier report of {Model} cannot be read: " +
        "an alert may be sent again")]
    public static partial void ReportUnreadable(ILogger logger, string model, Exception exception);

    [LoggerMessage(EventId = 9006, Level = LogLevel.Information, Message = "{Message} An alert for it was sent before")]
    public static partial void StillChanged(ILogger logger, string message);

    [LoggerMessage(EventId = 9007, Level = LogLevel.Warning, Message = "The monitors of {Lifecycle} alarm in {Alarms} of " +
        "{Windows} windows of its own training rows, because of {Subjects}: these change over time, or the rows are sorted by them")]
    public static partial void ReplayAlarmed(ILogger logger, string lifecycle, int alarms, int windows, string subjects);

    [LoggerMessage(
        EventId = 9009,
        Level = LogLevel.Information,
        Message = "A corrected label resumes the retraining of {Model} that was given up; it was requested by {Signal}")]
    public static partial void RetrainingRevived(ILogger logger, string model, string signal);

    [LoggerMessage(
        EventId = 9011,
        Level = LogLevel.Warning,
        Message = "Labels of {Model} are stored without a check against the rows of run {Run}, which cannot be read now")]
    public static partial void LabelsUnchecked(ILogger logger, string model, string run, Exception exception);

    [LoggerMessage(
        EventId = 9012,
        Level = LogLevel.Warning,
        Message = "The {Plugin} of {Model} did not stop when its check was cancelled: it is left behind")]
    public static partial void LeftBehind(ILogger logger, string plugin, string model);

    [LoggerMessage(EventId = 9020, Level = LogLevel.Information, Message = "A retraining of {Model} is requested by {Schedule}")]
    public static partial void ScheduleDue(ILogger logger, string model, string schedule);

    [LoggerMessage(
        EventId = 9021,
        Level = LogLevel.Warning,
        Message = "{Schedule} of {Model} was missed, because no process looked at it in time: it continues with its next time")]
    public static partial void ScheduleSkipped(ILogger logger, string model, string schedule);

    [LoggerMessage(
        EventId = 9022,
        Level = LogLevel.Information,
        Message = "{Schedule} of {Model} is due, but the retraining that it requested before still waits: it requests no other")]
    public static partial void ScheduleStillAsked(ILogger logger, string model, string schedule);

    [LoggerMessage(
        EventId = 9023,
        Level = LogLevel.Warning,
        Message = "The clock was set back by more than a period of {Schedule} of {Model}: the schedule starts again now")]
    public static partial void ScheduleRestarted(ILogger logger, string model, string schedule);

    [LoggerMessage(EventId = 9024, Level = LogLevel.Warning, Message = "An alert of {Model} cannot be read, and is left out")]
    public static partial void AlertUnreadable(ILogger logger, string model, Exception exception);

    [LoggerMessage(EventId = 9025, Level = LogLevel.Information, Message = "{Message} Alerts of it are muted")]
    public static partial void Muted(ILogger logger, string message);

    [LoggerMessage(EventId = 9026, Level = LogLevel.Information, Message = "The alert {Alert} of {Model} is resolved: {Reason}")]
    public static partial void Resolved(ILogger logger, string model, string alert, string reason);

    [LoggerMessage(
        EventId = 9005, Level = LogLevel.Error, Message = "The monitor '{Monitor}' of {Model} failed; the other monitors continue")]
    public static partial void MonitorFailed(ILogger logger, string monitor, string model, Exception exception);

    [LoggerMessage(EventId = 9030, Level = LogLevel.Warning, Message = "A stored part of a window with {Rows} predictions of {Model} " +
        "version {Version} is damaged, and is left out")]
    public static partial void PaneUnreadable(ILogger logger, long rows, string model, int version, Exception exception);

    [LoggerMessage(EventId = 9031, Level = LogLevel.Warning, Message = "{Rows} predictions of {Model} version {Version} are not judged, " +
        "because the package of the version cannot be read here")]
    public static partial void WindowWithoutPackage(ILogger logger, long rows, string model, int version);

    [LoggerMessage(EventId = 9032, Level = LogLevel.Debug, Message = "{Model} is not checked now, because another process checks it")]
    public static partial void CheckedElsewhere(ILogger logger, string model);

    [LoggerMessage(EventId = 9033, Level = LogLevel.Warning, Message = "Other processes cannot check {Model} for up to a minute, because " +
        "the end of a check could not be noted")]
    public static partial void LeaseNotReturned(ILogger logger, string model, Exception exception);

    [LoggerMessage(EventId = 8064, Level = LogLevel.Warning, Message = "Predictions of {Model} version {Version} are answered and not " +
        "recorded, because the texts of their rows have more than {Most} characters together; they are counted as dropped")]
    public static partial void TextsTooLong(ILogger logger, string model, int version, int most);

    [LoggerMessage(EventId = 8065, Level = LogLevel.Warning, Message = "{Windows} more windows of {Model} are due than one check judges: " +
        "the next checks judge them, the oldest first")]
    public static partial void WindowsLeft(ILogger logger, int windows, string model);
}
