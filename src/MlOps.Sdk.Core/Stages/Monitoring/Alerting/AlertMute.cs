using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>That alerts of a model are not sent.</summary>
/// <param name="Id">Identifies it; <see cref="ModelAlerts.UnmuteAsync"/> takes it.</param>
/// <param name="Model">The model.</param>
/// <param name="Signal">Of which signal; <see langword="null"/> for all.</param>
/// <param name="Subject">Of which column, attribute or other subject; <see langword="null"/> for all.</param>
/// <param name="At">Since when.</param>
/// <param name="Until">Until when; <see langword="null"/> until somebody ends it.</param>
/// <param name="By">Who decided it.</param>
/// <param name="Reason">Why.</param>
public sealed record AlertMute(
    long Id, string Model, Signal? Signal, string? Subject, DateTimeOffset At, DateTimeOffset? Until, string By, string Reason)
{
    internal bool Covers(AlertSubject subject) =>
        (Signal is null || Signal == subject.Signal) && (Subject is null || Subject == subject.Subject);

    /// <exception cref="MlOpsException">The row is damaged.</exception>
    internal static AlertMute Of(MuteRow row) => StoredRecord.Read($"mute {row.No} of '{row.Model}'", () => new AlertMute(
        row.No,
        row.Model,
        row.Signal is null ? null : Enum.Parse<Signal>(row.Signal),
        row.Subject,
        Ticks.ToTime(row.At),
        Ticks.ToTime(row.Until),
        row.Actor,
        row.Reason));

    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
