using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Watches one model in this process: takes what its endpoint recorded, stores it, and checks windows of it against training. Thread-safe.
/// A window holds the predictions of this process since the last check that could judge everything it was asked.
/// </summary>
public sealed class ModelMonitor : IAsyncDisposable
{
    private const int EpisodeReports = 1_000;
    private static readonly TimeSpan DrainInterval = TimeSpan.FromMilliseconds(50);

    private readonly MonitoringServices _services;
    // Whoever checks holds no gate while monitors and sinks work, so that recording goes on.
    // Neither semaphore is ever disposed of: whoever waits for one that is waits for ever.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SemaphoreSlim _checks = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PredictionRecorder> _recorders = [];
    private Task? _draining;
    private IReadOnlyList<PredictionRow>? _unstored;
    private MonitoringPolicy? _policy;
    private ElsewhereBaseline? _elsewhere;
    private MonitoringWindow? _window;
    private DateTimeOffset _windowStart;
    private int _disposed;

    internal ModelMonitor(string model, MonitoringServices services)
    {
        Model = model;
        _services = services;
        _windowStart = services.Time.GetUtcNow();
    }

    /// <summary>The model that is watched.</summary>
    public string Model { get; }

    /// <summary>Stores everything recorded so far. Predictions are otherwise stored within a fraction of a second.</summary>
    /// <param name="cancellationToken">Cancels the storing; nothing recorded is lost.</param>
    /// <exception cref="ObjectDisposedException">The monitor is disposed of, or was while this call waited.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        await EnterAsync(_gate, cancellationToken).ConfigureAwait(false);
        try
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Records predictions of a model that is served elsewhere (see <see cref="MonitoringBuilder.TrainedElsewhere"/>)
    /// in the window of the next check.
    /// </summary>
    /// <param name="rows">Rows with the columns of the collected ones, the scores among them; a label is not needed.</param>
    /// <param name="cancellationToken">Cancels the recording before it begins.</param>
    /// <exception cref="MlOpsException">
    /// A column is missing or has another type, a score is missing, or the lifecycle watches no model elsewhere.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The monitor is disposed of, or was while this call waited.</exception>
    public async Task RecordAsync(Dataset rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        await EnterAsync(_gate, cancellationToken).ConfigureAwait(false);
        try
        {
            var (policy, elsewhere) = _policy is { } configured && _elsewhere is { } baseline
                ? (configured, baseline)
                : throw new MlOpsException(
                    $"'{Model}' is no model that is served elsewhere.",
                    "Run a lifecycle with MonitorModel(monitoring => monitoring.TrainedElsewhere(…)) in this process first.");
            foreach (var input in elsewhere.Baseline.Inputs)
            {
                if (rows.Schema[input.Name].Type != input.Profile.Type)
                {
                    throw new MlOpsException(
                        $"The column '{input.Name}' is {rows.Schema[input.Name].Type}, " +
                            $"and was {input.Profile.Type} when the lifecycle ran.",
                        "Read both with one schema.") { Column = input.Name };
                }
            }

            var scores = MonitoringStage.Scores(rows, elsewhere.Model.ScoreColumn);
            var window = _window ??= MonitoringWindow.OfModelElsewhere(
                Model, elsewhere.Baseline, elsewhere.Decision, elsewhere.Attributes, policy.MinimumRows);
            var start = 0;
            foreach (var batch in rows.ToBatches())
            {
                window.Add(batch, scores.AsSpan(start, batch.RowCount));
                start += batch.RowCount;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Tells the true labels of earlier predictions.</summary>
    /// <param name="labels">
    /// Prediction ids with the label as it stands in the data, numbers written independently of culture; told twice is told once, a
    /// different label replaces the former.
    /// </param>
    /// <param name="cancellationToken">Cancels the storing.</param>
    /// <exception cref="ObjectDisposedException">The monitor is disposed of, or was while this call waited.</exception>
    /// <exception cref="MlOpsException">
    /// An id is <see langword="default"/>, a label is empty, or it is no class (or no number, for regression) of the version that is live
    /// in this process: none of the labels is stored. Where none is live, or where a step of ProcessData computes the label, a label is
    /// not compared with the classes.
    /// </exception>
    public async Task<FeedbackReceipt> LabelAsync(
        IEnumerable<KeyValuePair<PredictionId, string>> labels,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var at = _services.Time.GetUtcNow();
        var known = KnownLabels();
        LabelRow[] rows = [.. labels.Select(label => new LabelRow(Model, Check(label.Key, label.Value, known), label.Value, at))];
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        var receipt = await _services.Labels.InsertAsync(rows, cancellationToken).ConfigureAwait(false);
        return new FeedbackReceipt(receipt.Added, receipt.Changed, receipt.Unchanged, [.. receipt.Unmatched.Select(PredictionId.Parse)]);
    }

    /// <summary>
    /// Checks the window: all monitors measure, verdicts are made over all measurements together, an alert is sent where one is due, a
    /// retraining asked for where a rule says so. The next window begins when nothing lacked data and no monitor failed, or when this one
    /// holds ten times the rows that a verdict needs; otherwise the window goes on. One check at a time; predictions are recorded
    /// meanwhile, and belong to the next check.
    /// </summary>
    /// <param name="cancellationToken">Cancels the check; the window goes on.</param>
    /// <returns>The report, which is stored; <see langword="null"/> when nothing was predicted since the last check.</returns>
    /// <exception cref="MlOpsException">The lifecycle has no monitoring stage, or did not run in this process.</exception>
    /// <exception cref="ObjectDisposedException">The monitor is disposed of, or was while this call waited.</exception>
    public async Task<MonitoringReport?> CheckAsync(CancellationToken cancellationToken = default)
    {
        await EnterAsync(_checks, cancellationToken).ConfigureAwait(false);
        try
        {
            var policy = _policy
                ?? throw new MlOpsException(
                    $"'{Model}' is not monitored in this process.",
                    "Add MonitorModel(…) to its lifecycle and run it here; what is up to date is reused.");
            if (await DetachWindowAsync(cancellationToken).ConfigureAwait(false) is not var (window, start, end)) return null;
            var isComplete = false;
            try
            {
                var report = await CheckAsync(policy, window, start, end, cancellationToken).ConfigureAwait(false);
                isComplete = window.RowCount >= 10L * window.MinimumRows
                    || (report.Failures.Count == 0 && report.Findings.All(finding => finding.Verdict != MonitoringVerdict.NotEnoughData));
                return report;
            }
            finally
            {
                if (!isComplete) await PutBackAsync(window, start).ConfigureAwait(false);
            }
        }
        finally
        {
            _checks.Release();
        }
    }

    /// <summary>Earlier reports, the newest first.</summary>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<IReadOnlyList<MonitoringReport>> ReportsAsync(int limit = 100, CancellationToken cancellationToken = default) =>
        [.. (await _services.Reports.VerdictsAsync(Model, null, limit, cancellationToken).ConfigureAwait(
            false)).Select(row => JsonSerializer.Deserialize(row.Report, MonitoringJson.Default.MonitoringReport)!)];

    /// <summary>
    /// Stores what is recorded, and waits for a check that is under way; calls that wait end with an <see cref="ObjectDisposedException"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_draining is not null) await _draining.ConfigureAwait(false);
        try
        {
            await EnterAndDrainAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            // A check that is under way stores its report, or puts its window back, before the database is closed.
            await _checks.WaitAsync().ConfigureAwait(false);
            _checks.Release();
            _stop.Dispose();
        }
    }

    internal PredictionRecorder NewRecorder(int version, ModelPackage package)
    {
        var recorder = new PredictionRecorder(Model, version, package, _services.Time);
        lock (_recorders)
        {
            _recorders.Add(recorder);

            // Calls under way may still record into the version before; what is older has been drained long ago, or stays until it is.
            for (var i = _recorders.Count - 4; i >= 0; i--)
            {
                if (_recorders[i].IsEmpty) _recorders.RemoveAt(i);
            }

            _draining ??= Task.Run(() => DrainForeverAsync(_stop.Token));
        }

        return recorder;
    }

    /// <summary>Watches by a policy; what a run said about a model elsewhere stays.</summary>
    internal void Configure(MonitoringPolicy policy) => _policy = policy;

    internal void Configure(MonitoringPolicy policy, ElsewhereBaseline? elsewhere)
    {
        _policy = policy;
        _elsewhere = elsewhere;
    }

    private async Task<MonitoringReport> CheckAsync(
        MonitoringPolicy policy, MonitoringWindow window, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var scope = policy.CreateScope();
        await using (scope.ConfigureAwait(false))
        {
            var (findings, failures) = await policy.JudgeAsync(
                window, scope.ServiceProvider, _services.Logger, cancellationToken).ConfigureAwait(false);
            var report = new MonitoringReport
            {
                Model = Model, Version = window.Version, At = end, Rows = window.RowCount, Dropped = DroppedBy(window.Version),
                Findings = findings, Failures = failures
            };
            report = await AnswerAsync(policy, report, scope.ServiceProvider, cancellationToken).ConfigureAwait(false);
            await _services.Reports.AppendVerdictAsync(
                new VerdictRow(
                    Model,
                    report.Version,
                    report.At,
                    start,
                    end,
                    JsonSerializer.Serialize(report, MonitoringJson.Default.MonitoringReport),
                    null),
                cancellationToken).ConfigureAwait(false);
            Telemetry.DriftChecks.Add(1, new KeyValuePair<string, object?>("changed", report.HasChanged));
            return report;
        }
    }

    private async Task<(MonitoringWindow Window, DateTimeOffset Start, DateTimeOffset End)?> DetachWindowAsync(
        CancellationToken cancellationToken)
    {
        await EnterAsync(_gate, cancellationToken).ConfigureAwait(false);
        try
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
            if (_window is not { RowCount: > 0 } window) return null;
            var (start, end) = (_windowStart, _services.Time.GetUtcNow());
            _window = null;
            _windowStart = end;
            return (window, start, end);
        }
        finally
        {
            _gate.Release();
        }
    }

    // What was recorded during the check joins the window, unless another version has gone live since.
    private async Task PutBackAsync(MonitoringWindow window, DateTimeOffset start)
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_window is { } since)
            {
                if (since.Version != window.Version) return;
                window.Merge(since);
            }

            _window = window;
            _windowStart = start;
        }
        finally
        {
            _gate.Release();
        }
    }

    // What steps compute stands otherwise in the data than the model knows it.
    private LabelEncoding? KnownLabels()
    {
        lock (_recorders) return _recorders is [.., { Package: { Graph.ChangesLabel: false } package }] ? package.Decision.Labels : null;
    }

    /// <returns>The id as it is stored.</returns>
    private static string Check(PredictionId id, string label, LabelEncoding? known)
    {
        if (id == default)
        {
            throw new MlOpsException(
                "A label was told for the prediction id that is all zeros, which no prediction has.",
                "Tell the Id of the Prediction that the endpoint answered.");
        }
        if (string.IsNullOrEmpty(label))
        {
            throw new MlOpsException($"The label of the prediction {id} is empty.", "Leave predictions out whose truth is not known yet.");
        }
        if (known is null || known.Accepts(label)) return id.ToString();
        throw new MlOpsException(
            $"'{PrintableText.Shorten(label)}', told for the prediction {id}, is no " +
                $"{(known.Task == TaskKind.Regression ? "number" : "class")} of the label.",
            known.Task == TaskKind.Regression ? "Write the number with a point and without separators." : "The classes are " +
                $"{string.Join(", ", known.Classes.Take(20))}{(known.Classes.Count > 20 ? ", …" : "")}.") { Column = known.Label };
    }

    private long DroppedBy(int version)
    {
        lock (_recorders) return _recorders.Where(recorder => recorder.Version == version).Sum(recorder => recorder.Dropped);
    }

    private async Task EnterAsync(SemaphoreSlim semaphore, CancellationToken cancellationToken)
    {
        await semaphore.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (Volatile.Read(ref _disposed) == 0) return;
        semaphore.Release();
        throw new ObjectDisposedException(nameof(ModelMonitor));
    }

    private async Task DrainForeverAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(DrainInterval, _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                try
                {
                    await EnterAndDrainAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    // Also while the monitor is disposed of: it drains once more, and says what fails then.
                    MonitoringLog.StoringFailed(_services.Logger, Model, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposal drains what is left.
        }
    }

    // Also while the monitor is disposed of.
    private async Task EnterAndDrainAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        await StoreAsync(cancellationToken).ConfigureAwait(false);
        PredictionRecorder[] recorders;
        lock (_recorders) recorders = [.. _recorders];
        foreach (var recorder in recorders)
        {
            while (recorder.TakeBatch() is { } batch)
            {
                // First of all: whatever fails below, what left the ring is stored.
                _unstored = batch.Encoded;
                if (_window is null || _window.Version != recorder.Version)
                {
                    // Predictions of an older version that were still under way belong to no window any more.
                    if (_window is { } newer && newer.Version > recorder.Version && recorder != recorders[^1])
                    {
                        await StoreAsync(cancellationToken).ConfigureAwait(false);
                        continue;
                    }

                    _window = new MonitoringWindow(Model, recorder.Version, recorder.Package, _policy?.MinimumRows ?? 200);
                    _windowStart = batch.At;
                }

                _window.Add(batch.Rows, batch.Scores);
                Telemetry.Predictions.Add(batch.Rows.RowCount);
                await StoreAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // What could not be stored is tried again before anything else is taken; meanwhile the ring keeps what comes, and
    // counts what it has no room for.
    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        if (_unstored is not { } rows) return;
        await _services.Predictions.InsertAsync(rows, cancellationToken).ConfigureAwait(false);
        _unstored = null;
    }

    private async Task<MonitoringReport> AnswerAsync(
        MonitoringPolicy policy, MonitoringReport report, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!report.HasChanged) return report;
        var signals = report.Changes.Select(finding => finding.Measurement.Signal).Distinct().ToArray();
        var top = report.Changes.First();
        var message = FormattableString.Invariant(
            $"{Model} version {report.Version}: {report.Changes.Count()} of {report.Findings.Count} measurements changed over {report.Rows} predictions; the largest is {top.Measurement.Subject} ({top.Measurement.Effect} {top.Measurement.EffectSize:0.###}).");
        if (await IsAlertDueAsync(policy, report, cancellationToken).ConfigureAwait(false))
        {
            var alert = new Alert(PredictionId.New().ToString(), Model, report.Version, report.At, signals, message);
            await _services.Reports.AppendAlertAsync(
                new AlertRow(alert.Id, Model, report.At, "warning", string.Join(',', signals), message, "pending"),
                cancellationToken).ConfigureAwait(false);
            MonitoringLog.Changed(_services.Logger, message);
            var failure = await SendAsync(policy, alert, services, cancellationToken).ConfigureAwait(false);
            await _services.Reports.SetAlertStateAsync(
                alert.Id, failure is null ? "sent" : "failed", cancellationToken).ConfigureAwait(false);
            report = report with { Alert = alert, AlertFailure = failure };
        }

        if (policy.Retraining is { } rule
            && rule.Signals.Intersect(signals).FirstOrDefault() is var asking
            && rule.Signals.Any(signals.Contains))
        {
            var trigger = await _services.Retrainings.TryAppendAsync(
                Model, report.At, $"{asking}: {message}", rule.Cooldown, cancellationToken).ConfigureAwait(false);
            report = report with { AskedForRetraining = trigger is not null };
            if (trigger is not null) MonitoringLog.RetrainingAsked(_services.Logger, Model, asking);
        }

        return report;
    }

    /// <returns>Which sinks failed, and how; <see langword="null"/> when none did.</returns>
    private async Task<string?> SendAsync(
        MonitoringPolicy policy, Alert alert, IServiceProvider services, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        foreach (var create in policy.Sinks)
        {
            var name = "a sink that could not be made";
            try
            {
                var sink = create(services);
                name = sink.GetType().Name;
                await sink.SendAsync(alert, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                MonitoringLog.AlertFailed(_services.Logger, name, e);
                failures.Add($"{name}: {e.Message}");
            }
        }

        return failures.Count == 0 ? null : string.Join("; ", failures);
    }

    // One alert per episode: again only after a check that could tell that nothing changed, or when the cooldown has passed.
    private async Task<bool> IsAlertDueAsync(MonitoringPolicy policy, MonitoringReport report, CancellationToken cancellationToken)
    {
        var last = await _services.Reports.AlertsAsync(Model, null, 1, cancellationToken).ConfigureAwait(false);
        if (last.Count == 0 || report.At - last[0].At >= policy.AlertCooldown) return true;
        foreach (var previous in await ReportsAsync(EpisodeReports, cancellationToken).ConfigureAwait(false))
        {
            if (previous.Version != report.Version || previous.IsStable) return true;
            if (previous.Alert is not null) return false;
        }

        return false;
    }
}
