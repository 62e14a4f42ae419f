using System.Collections.Concurrent;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Requests the retrainings that are due by the clock: each time once, whichever process is the first to look. Thread-safe.
/// </summary>
internal sealed class ScheduleCheck(RelationalStore store, MonitoringServices services)
{
    public const string Actor = "schedule";

    // What this process took up: a schedule that comes back after it was replaced starts again.
    private readonly ConcurrentDictionary<string, string> _adopted = new(StringComparer.Ordinal);

    /// <summary>Looks at the schedules of a model.</summary>
    public async Task<IReadOnlyList<RetrainingSchedule>> RunAsync(
        string model, IReadOnlyList<SchedulePlan> schedules, CancellationToken cancellationToken)
    {
        await AdoptAsync(model, schedules, cancellationToken).ConfigureAwait(false);
        var states = new List<RetrainingSchedule>();
        foreach (var schedule in schedules)
        {
            states.Add(await LookAsync(model, schedule, cancellationToken).ConfigureAwait(false));
        }

        return states;
    }

    private async Task AdoptAsync(string model, IReadOnlyList<SchedulePlan> schedules, CancellationToken cancellationToken)
    {
        string[] names = [.. schedules.Select(schedule => schedule.Name)];
        var all = string.Join('\n', names);
        if (_adopted.TryGetValue(model, out var adopted) && adopted == all) return;
        if (!await store.ReadAsync(
            connection => ScheduleTable.IsAdopted(connection, model, names), cancellationToken).ConfigureAwait(false))
        {
            await store.WriteAsync(
                connection => ScheduleTable.Adopt(connection, model, names, services.Time.GetUtcNow().UtcTicks),
                cancellationToken).ConfigureAwait(false);
        }
        _adopted[model] = all;
    }

    private async Task<RetrainingSchedule> LookAsync(string model, SchedulePlan schedule, CancellationToken cancellationToken)
    {
        // Nearly every look finds nothing, and writes nothing.
        var row = await store.ReadAsync(
            connection => ScheduleTable.Find(connection, model, schedule.Name), cancellationToken).ConfigureAwait(false);
        var now = services.Time.GetUtcNow();
        var answer = row is null || IsQuiet(schedule, row, now)
            ? new Answer(row, Turned.Nothing)
            : await store.WriteAsync(connection => Decide(connection, model, schedule), cancellationToken).ConfigureAwait(false);
        switch (answer.Turned)
        {
            case Turned.Asked:
                MonitoringLog.ScheduleDue(services.Logger, model, schedule.Name);
                break;
            case Turned.Skipped:
                MonitoringLog.ScheduleSkipped(services.Logger, model, schedule.Name);
                break;
            case Turned.StillAsked:
                MonitoringLog.ScheduleStillAsked(services.Logger, model, schedule.Name);
                break;
            case Turned.Restarted:
                MonitoringLog.ScheduleRestarted(services.Logger, model, schedule.Name);
                break;
        }

        return new RetrainingSchedule(
            schedule.Expression,
            schedule.TimeZone,
            Ticks.ToTime(answer.Row?.LastDue) is { } last ? schedule.Local(last) : null,
            schedule.NextAfter(Later(now, answer.Row)),
            answer.Turned == Turned.Asked);
    }

    // What was answered does not come again, although the clock may say so.
    private static DateTimeOffset Later(DateTimeOffset now, ScheduleRow? row) =>
        row is not null && row.Position > now.UtcTicks ? Ticks.ToTime(row.Position) : now;

    private static bool IsQuiet(SchedulePlan schedule, ScheduleRow row, DateTimeOffset now) =>
        schedule.NextAfter(Ticks.ToTime(row.Position)) is var next && (next is null || next > now) && !WasSetBack(schedule, row, now);

    // By less than a period, the clock only repeats a time that was answered. By more, the schedule would be silent for as long.
    private static bool WasSetBack(SchedulePlan schedule, ScheduleRow row, DateTimeOffset now) =>
        now.UtcTicks < row.Position && schedule.NextAfter(now) is { } next && next.UtcTicks < row.Position;

    // Under the write lock: of several processes one finds the time unanswered.
    private Answer Decide(System.Data.Common.DbConnection connection, string model, SchedulePlan schedule)
    {
        var now = services.Time.GetUtcNow();
        if (ScheduleTable.Find(connection, model, schedule.Name) is not { } row) return new Answer(null, Turned.Nothing);
        if (WasSetBack(schedule, row, now))
        {
            return new Answer(ScheduleTable.Move(connection, row, now.UtcTicks, row.LastDue), Turned.Restarted);
        }
        if (schedule.LastWithin(Ticks.ToTime(row.Position), now) is not { } due) return new Answer(row, Turned.Nothing);
        var moved = ScheduleTable.Move(connection, row, due.UtcTicks, due.UtcTicks);
        if (schedule.Missed == MissedRuns.Skip && now - due > SchedulePlan.Tolerance) return new Answer(moved, Turned.Skipped);
        if (RetrainingTable.IsOpen(connection, model, $"{schedule.Name}: ")) return new Answer(moved, Turned.StillAsked);
        var late = now - due > SchedulePlan.Tolerance ? $"; it was missed, and found at {schedule.Write(now)}" : "";
        var reason = $"{schedule.Name}: due at {schedule.Write(due)}{late}";
        RetrainingTable.Append(connection, model, now, reason);
        AuditLog.Append(connection, now, Actor, AuditLog.RetrainingRequested, AuditedLooks.Prefix + model, reason);
        return new Answer(moved, Turned.Asked);
    }

    private enum Turned
    {
        Nothing,
        Asked,
        Skipped,
        StillAsked,
        Restarted,
    }

    private sealed record Answer(ScheduleRow? Row, Turned Turned);
}
