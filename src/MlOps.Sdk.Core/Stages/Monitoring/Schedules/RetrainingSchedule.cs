using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>How a schedule of retrainings stands.</summary>
/// <param name="Expression">The cron expression.</param>
/// <param name="TimeZone">The time zone that its times are in.</param>
/// <param name="LastDue">The last time that was answered, in that zone; <see langword="null"/> when none was due yet.</param>
/// <param name="NextDue">The next time, in that zone; <see langword="null"/> when there is none any more.</param>
/// <param name="AskedForRetraining">Whether this look at the schedule requested a retraining.</param>
public sealed record RetrainingSchedule(
    string Expression, string TimeZone, DateTimeOffset? LastDue, DateTimeOffset? NextDue, bool AskedForRetraining)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
