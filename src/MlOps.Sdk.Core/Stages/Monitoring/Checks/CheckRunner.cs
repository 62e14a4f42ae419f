using System.Data.Common;
using System.Text.Json;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Checks the windows of one model that are due: merges what processes stored, measures, judges, answers and stores. One check at a time.
/// </summary>
internal sealed class CheckRunner(
    string model,
    PredictionDrain predictions,
    MonitoringServices services,
    Func<int, CancellationToken, Task<WindowShape?>> findShape)
{
    private readonly AlertDesk _alerts = new(model, services);
    private readonly WindowMerge _merge = new(model, services, findShape);
    private readonly WindowBounds _bounds = new(model, services);
    private readonly SilentVersions _silent = new(model, services);

    /// <summary>Checks the windows that are due; one that could not be judged wholly continues where its kind allows that.</summary>
    /// <returns>
    /// The reports, which are stored: first those of versions without predictions, then the oldest window first, and of its versions the
    /// one that predicted last at the end.
    /// </returns>
    public async Task<IReadOnlyList<MonitoringReport>> RunAsync(MonitoringPolicy policy, CancellationToken cancellationToken)
    {
        await predictions.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (await CheckLease.TakeAsync(model, services, cancellationToken).ConfigureAwait(false) is not { } lease)
        {
            MonitoringLog.CheckedElsewhere(services.Logger, model);
            return [];
        }
        await using (lease.ConfigureAwait(false))
        {
            using var owned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
            var reports = new List<MonitoringReport>();
            try
            {
                var found = DueWindows.Find(lease.Start, services.Time.GetUtcNow());
                if (found.Left > 0) MonitoringLog.WindowsLeft(services.Logger, found.Left, model);
                var late = await SettleLateAsync(found, lease, owned.Token).ConfigureAwait(false);
                var before = await LastAsync(owned.Token).ConfigureAwait(false);
                foreach (var due in found.Due)
                {
                    var untold = due.HasEnded ? late.GetValueOrDefault(due.Windows) : default;
                    reports.AddRange(await CheckAsync(policy, due, untold, lease, owned.Token).ConfigureAwait(false));
                    late.Remove(due.Windows);
                }

                var silent = new List<MonitoringReport>();
                foreach (var version in await _silent.FindAsync(
                    policy, lease.Start, reports, before?.At, owned.Token).ConfigureAwait(false))
                {
                    if (await CheckRecordsAsync(policy, version, reports.LastOrDefault(), lease, owned.Token).ConfigureAwait(false)
                        is { } report)
                    {
                        silent.Add(report);
                    }
                }

                reports.InsertRange(0, silent);
                foreach (var open in found.Crowded) await MergeAsync(open, lease, owned.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // This process was halted for so long that another took over: it judges what is left.
                MonitoringLog.CheckedElsewhere(services.Logger, model);
            }

            return reports;
        }
    }

    // Parts that came too late are counted in the next report of their windows.
    private async Task<Dictionary<string, (long Late, long Untimed)>> SettleLateAsync(
        DueWindows found, CheckLease lease, CancellationToken cancellationToken)
    {
        var late = lease.Start.Progress.ToDictionary(
            windows => windows.Key,
            windows => (windows.Value.Sum(progress => progress.Late), windows.Value.Sum(progress => progress.Untimed)));
        foreach (var panes in found.Late.GroupBy(pane => pane.Windows))
        {
            var taken = await services.Panes.SettleLateAsync(
                model, panes.Key, [.. panes.Select(pane => pane.No)], cancellationToken).ConfigureAwait(false);
            var (before, untimed) = late.GetValueOrDefault(panes.Key);
            late[panes.Key] = (before + taken, untimed);
        }

        return late;
    }

    private async Task<IReadOnlyList<MonitoringReport>> CheckAsync(
        MonitoringPolicy policy,
        DueWindow due,
        (long Late, long Untimed) untold,
        CheckLease lease,
        CancellationToken cancellationToken)
    {
        var (windows, taken) = await _merge.TakeAsync(due, policy.MinimumRows, cancellationToken).ConfigureAwait(false);

        if (due.Kind == WindowKind.SinceLastCheck && !due.HasEnded)
        {
            // Nothing came since it was judged, for example because another version has taken its place.
            var fresh = new List<MergedWindow>();
            foreach (var window in windows)
            {
                var before = await LastOfWindowAsync(window.Version, cancellationToken).ConfigureAwait(false);
                if (!IsJudged(window, before)) fresh.Add(window);
            }

            windows = fresh;
        }

        // A version with few predictions beside another, as after a promotion, is told of, and not judged.
        var main = windows.MaxBy(window => window.LastAt);
        MergedWindow[] judged =
        [
            .. windows.Where(window => window == main || window.Window.RowCount >= policy.MinimumRows)
                .OrderBy(window => window.LastAt).ThenBy(window => window.Version),
        ];
        var reports = new List<MonitoringReport>();
        if (judged.Length > 0)
        {
            var last = await LastAsync(cancellationToken).ConfigureAwait(false);
            var now = services.Time.GetUtcNow();
            await _bounds.SetAsync(due.Kind, judged, now, policy.WatchesRecords, cancellationToken).ConfigureAwait(false);
            var (level, left) = AlarmBudget.Spend(policy.AlarmBudget, policy.SignificanceLevel, last, now);
            var versions = windows.Select(window => new VersionRows(window.Version, window.Window.RowCount)).ToArray();
            var counts = new WindowCounts(model, services);
            foreach (var window in judged)
            {
                if (window != main) window.Window.Main = main!.Version;
                var (labelled, arms) = await counts.CountAsync(
                    window.Version, window.Marks, window.FirstAt, window.LastAt, cancellationToken).ConfigureAwait(false);
                var report = new MonitoringReport
                {
                    Model = model,
                    Version = window.Version,
                    At = now,
                    Rows = window.Window.RowCount,
                    Dropped = predictions.DroppedBy(window.Version),
                    SignificanceLevel = level / judged.Length,
                    AlarmBudgetLeft = left,
                    Findings = [],
                    Window = new PredictionWindow
                    {
                        Version = window.Version,
                        Kind = due.Kind,
                        Period = due.Declared?.Period,
                        TimeZone = due.Declared?.TimeZone,
                        From = window.Window.From,
                        To = window.Window.To,
                        Rows = window.Window.RowCount,
                        Labelled = labelled,
                        Arms = arms,
                        LateRows = untold.Late,
                        UntimedRows = untold.Untimed,
                        UnreadableRows = window.UnreadableRows,
                        Versions = versions,
                    },
                };
                reports.Add(await JudgeAsync(policy, window.Window, report, (due, window), lease, cancellationToken).ConfigureAwait(false));
            }
        }

        if (due.HasEnded) await EndAsync(due, taken, reports.Count > 0 ? untold : default, cancellationToken).ConfigureAwait(false);
        return reports;
    }

    private static bool IsJudged(MergedWindow window, MonitoringReport? last) =>
        last is { Window.IsComplete: false, Failures.Count: 0 } && last.Rows == window.Window.RowCount;

    // Measures, answers and stores. Without parts of a window, there is none that ends or continues.
    private async Task<MonitoringReport> JudgeAsync(
        MonitoringPolicy policy,
        MonitoringWindow window,
        MonitoringReport report,
        (DueWindow Due, MergedWindow Merged)? parts,
        CheckLease lease,
        CancellationToken cancellationToken)
    {
        var scope = policy.CreateScope();
        await using (scope.ConfigureAwait(false))
        {
            window.Attach(WindowRecords.Of(
                await services.FindModel(model, window.Version, cancellationToken).ConfigureAwait(false), services));
            var (findings, failures) = await policy.JudgeAsync(
                window, report.SignificanceLevel, scope, services.Logger, cancellationToken).ConfigureAwait(false);
            report = report with { Findings = findings, Failures = failures };
            var isComplete = parts?.Due.HasEnded == true || IsComplete(window, report);
            if (report.Window is { } told) report = report with { Window = told with { IsComplete = isComplete } };
            report = await _alerts.AnswerAsync(policy, report, scope, cancellationToken).ConfigureAwait(false);
            var json = JsonSerializer.Serialize(report, MonitoringJson.Default.MonitoringReport);
            await services.Reports.AppendVerdictAsync(
                parts is (var due, var merged)
                    ? new VerdictRow(
                        model,
                        report.Version,
                        report.At,
                        Ticks.ToTime(merged.FirstAt),
                        due.Bounds is null ? Ticks.Subtract(window.To, TimeSpan.FromTicks(1)) : Ticks.ToTime(merged.LastAt),
                        json,
                        null) { Marks = merged.Marks, IsComplete = isComplete }
                    : new VerdictRow(model, report.Version, report.At, window.From, window.To, json, null),
                connection =>
                {
                    if (!PaneTable.IsChecker(connection, model, lease.Checker)) throw new OperationCanceledException(lease.Lost);
                    if (parts is { } judged) Settle(connection, judged.Due, judged.Merged, isComplete, report.At);
                },
                cancellationToken).ConfigureAwait(false);
            Telemetry.DriftChecks.Add(1, new KeyValuePair<string, object?>("changed", report.HasChanged));
            return report;
        }
    }

    private static bool IsComplete(MonitoringWindow window, MonitoringReport report) =>
        window.RowCount >= 10L * window.MinimumRows
        || (report.Failures.Count == 0 && report.Findings.All(finding => finding.Verdict != MonitoringVerdict.NotEnoughData
            || IsOfRecords(finding.Measurement.Signal)));

    // Of a window that continues, damaged parts stay: the report at its end counts them too.
    private static void Settle(DbConnection connection, DueWindow due, MergedWindow window, bool isComplete, DateTimeOffset at)
    {
        if (isComplete)
        {
            PaneTable.Delete(connection, window.Panes);
        }
        else if (window.Readable.Count > 1)
        {
            PaneTable.Delete(connection, window.Readable);
            PaneTable.Insert(connection, window.ToPane(due.Windows, due.Key, at), isSealed: true);
        }
    }

    // Judges a version by what is recorded, without a window. What is about all versions is in the report of the one that predicts.
    private async Task<MonitoringReport?> CheckRecordsAsync(
        MonitoringPolicy policy, int version, MonitoringReport? main, CheckLease lease, CancellationToken cancellationToken)
    {
        if (await findShape(version, cancellationToken).ConfigureAwait(false) is not { } shape) return null;
        var last = await LastAsync(cancellationToken).ConfigureAwait(false);
        var now = services.Time.GetUtcNow();
        await services.Calls.MarkAsync(model, now, cancellationToken).ConfigureAwait(false);
        var before = await services.Reports.LastEndAsync(model, version, cancellationToken).ConfigureAwait(false) is { } end
            ? Ticks.ToTime(end)
            : await services.Calls.FirstAsync(model, cancellationToken).ConfigureAwait(false);
        var window = new MonitoringWindow(model, version, shape, policy.MinimumRows)
        {
            From = before < now ? before.Value : now, To = now, Main = main?.Version,
        };
        var (level, left) = AlarmBudget.Spend(policy.AlarmBudget, policy.SignificanceLevel, last, now);
        var report = new MonitoringReport
        {
            Model = model,
            Version = version,
            At = now,
            Rows = 0,
            Dropped = predictions.DroppedBy(version),
            SignificanceLevel = level,
            AlarmBudgetLeft = left,
            Findings = [],
        };
        return await JudgeAsync(policy, window, report, null, lease, cancellationToken).ConfigureAwait(false);
    }

    // What lacks labels or calls says nothing about the predictions of the window, which must not grow for it.
    private static bool IsOfRecords(Signal signal) =>
        signal is Signal.Performance or Signal.Value or Signal.Latency or Signal.Errors or Signal.Volume;

    private async Task MergeAsync(DueWindow open, CheckLease lease, CancellationToken cancellationToken)
    {
        var (windows, _) = await _merge.TakeAsync(open, 0, cancellationToken).ConfigureAwait(false);
        foreach (var window in windows.Where(window => window.Readable.Count > 1))
        {
            await services.Panes.ReplaceAsync(
                window.Readable, window.ToPane(open.Windows, open.Key, services.Time.GetUtcNow()), lease.Checker, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    // What was too little to be judged is told in the reports of the others, and what cannot be read in the log. A period that goes on,
    // because another declaration took its place meanwhile, may be declared again.
    private Task EndAsync(
        DueWindow due, IReadOnlyList<PaneRow> taken, (long Late, long Untimed) told, CancellationToken cancellationToken)
    {
        var judged = due.Bounds?.To > services.Time.GetUtcNow() ? due.Key : due.Key + 1;
        return services.Panes.EndWindowAsync(
            model, due.Windows, due.ProgressVersion, judged, [.. taken.Select(pane => pane.No)], told.Late, told.Untimed,
            cancellationToken);
    }

    private async Task<MonitoringReport?> LastAsync(CancellationToken cancellationToken)
    {
        var last = await services.Reports.VerdictsAsync(model, null, 1, cancellationToken).ConfigureAwait(false);
        return last is [var verdict] ? TryRead(verdict) : null;
    }

    private async Task<MonitoringReport?> LastOfWindowAsync(int version, CancellationToken cancellationToken) =>
        await services.Reports.LastOfWindowAsync(model, version, cancellationToken).ConfigureAwait(false) is { } verdict
            ? TryRead(verdict)
            : null;

    private MonitoringReport? TryRead(VerdictRow verdict)
    {
        try
        {
            return MonitoringJson.ReadReport(verdict);
        }
        catch (MlOpsException e)
        {
            // One damaged report must not end monitoring.
            MonitoringLog.BudgetUnknown(services.Logger, model, e);
            return null;
        }
    }
}
