using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Watches one model: takes what its endpoint recorded in this process, stores it, and checks windows of the predictions of all processes
/// that share the workspace against training. Thread-safe.
/// </summary>
public sealed class ModelMonitor : IAsyncDisposable
{
    private readonly MonitoringServices _services;
    private readonly PredictionDrain _predictions;
    private readonly CheckRunner _runner;

    // Whoever checks keeps nobody from recording while monitors and sinks work: the drain has its own turnstile.
    private readonly Turnstile _checks = new();
    private readonly CancellationTokenSource _closing = new();
    private WatchedModel? _watched;
    private int _disposed;

    internal ModelMonitor(string model, MonitoringServices services)
    {
        Model = model;
        _services = services;
        _predictions = new PredictionDrain(model, services);
        _runner = new CheckRunner(model, _predictions, services, FindShapeAsync);
    }

    /// <summary>The model that is watched.</summary>
    public string Model { get; }

    private WatchedModel? Watched => Volatile.Read(ref _watched);

    /// <summary>Stores everything recorded so far. Predictions are otherwise stored within a fraction of a second.</summary>
    /// <param name="cancellationToken">Cancels the storing; nothing recorded is lost.</param>
    /// <exception cref="ObjectDisposedException">The monitor is disposed of, or was while this call waited.</exception>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _predictions.FlushAsync(cancellationToken);

    /// <summary>
    /// Records predictions of a model that is served elsewhere (see <see cref="MonitoringBuilder.TrainedElsewhere"/>)
    /// in the window of the next check.
    /// </summary>
    /// <param name="rows">Rows with the columns of the collected ones, the scores among them; a label is not needed.</param>
    /// <param name="cancellationToken">Cancels the recording before it begins.</param>
    /// <exception cref="MlOpsException">
    /// A column is missing or has values of another type, a score is missing, or the lifecycle watches no model elsewhere.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The monitor is disposed of, or was while this call waited.</exception>
    public async Task RecordAsync(Dataset rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (Watched is not { Elsewhere: { } elsewhere })
        {
            throw new MlOpsException(
                $"'{Model}' is not a model that is served elsewhere.",
                "Run a lifecycle with MonitorModel(monitoring => monitoring.TrainedElsewhere(…)) in this process first.");
        }
        elsewhere.Check(rows);
        var scores = MonitoringStage.Scores(rows, elsewhere.Model.ScoreColumn);
        await _predictions.AddAsync(elsewhere.Shape, rows, scores, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reports the true labels of earlier predictions.</summary>
    /// <param name="labels">
    /// Prediction ids with the label exactly as in the data, numbers written independently of culture: the labels of a regression are
    /// stored as the shortest text of their number. Reporting a label again has no effect; a different label replaces the former one, and
    /// resumes a retraining that was given up.
    /// </param>
    /// <param name="cancellationToken">Cancels the storing.</param>
    /// <exception cref="ObjectDisposedException">The monitor is disposed of, or was while this call waited.</exception>
    /// <exception cref="MlOpsException">
    /// A retraining could not learn from a label, so none of them is stored: an id is <see langword="default"/>, a label is empty or,
    /// without being a class, longer than 1,000 characters, or it is not a class of the version that is live in this process (for
    /// regression: not a finite number), or else of the one that was promoted last. Where a step of ProcessData computes the label, it is
    /// held against the type of the collected column instead, in a process that runs or watches the lifecycle.
    /// </exception>
    public async Task<FeedbackReceipt> LabelAsync(
        IEnumerable<KeyValuePair<PredictionId, string>> labels, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var at = _services.Time.GetUtcNow();
        var check = new LabelCheck(
            await KnownLabelsAsync(cancellationToken).ConfigureAwait(false),
            Watched is { } watched ? await watched.Policy.FindLabel(cancellationToken).ConfigureAwait(false) : null);
        LabelRow[] rows =
        [
            .. labels.Select(label => new LabelRow(Model, label.Key.ToString(), check.Check(label.Key, label.Value), at)),
        ];
        await _predictions.StorePredictionsAsync(cancellationToken).ConfigureAwait(false);
        var receipt = await _services.Labels.InsertAsync(rows, check.IsSame, cancellationToken).ConfigureAwait(false);
        if (receipt.Revived is { } signal) MonitoringLog.RetrainingRevived(_services.Logger, Model, signal);
        return new FeedbackReceipt(receipt.Added, receipt.Changed, receipt.Unchanged, [.. receipt.Unmatched.Select(PredictionId.Parse)]);
    }

    /// <summary>
    /// Checks the windows that are due, as <see cref="CheckAllAsync"/> does, and gives the last report: that of the newest window, and
    /// in it of the version that predicted last.
    /// </summary>
    /// <param name="cancellationToken">
    /// Cancels the check; the window continues. A monitor or an alert sink that does not listen is left behind after 5 seconds.
    /// </param>
    /// <returns>
    /// The report, which is stored; <see langword="null"/> when no window is due, nothing was predicted, or another process checks the
    /// model at this moment.
    /// </returns>
    /// <exception cref="MlOpsException">The lifecycle has no monitoring stage, or did not run in this process.</exception>
    /// <exception cref="ObjectDisposedException">The monitor is disposed of, or was during this call.</exception>
    public async Task<MonitoringReport?> CheckAsync(CancellationToken cancellationToken = default) =>
        await CheckAllAsync(cancellationToken).ConfigureAwait(false) is [.., var last] ? last : null;

    /// <summary>
    /// Checks the windows that are due: all monitors measure, verdicts are made over all measurements of a report together, an alert is
    /// sent where one is due, a retraining requested where a rule says so. A window holds the predictions of all processes that share the
    /// workspace. Each version in it that predicted enough rows has a report, and the one that predicted last in any case. By default the
    /// window holds what was predicted since the last check, and the next begins when nothing lacked data and no monitor failed, or when
    /// this one holds ten times the rows that a verdict needs; see <see cref="MonitoringBuilder.Window"/>. One process checks a model at a
    /// time; predictions are recorded meanwhile, and belong to the next check.
    /// </summary>
    /// <param name="cancellationToken">
    /// Cancels the check; the window continues. A monitor or an alert sink that does not listen is left behind after 5 seconds.
    /// </param>
    /// <returns>
    /// The reports, which are stored, the oldest window first; empty when no window is due, nothing was predicted, or another process
    /// checks the model at this moment.
    /// </returns>
    /// <exception cref="MlOpsException">The lifecycle has no monitoring stage, or did not run in this process.</exception>
    /// <exception cref="ObjectDisposedException">The monitor is disposed of, or was during this call.</exception>
    public async Task<IReadOnlyList<MonitoringReport>> CheckAllAsync(CancellationToken cancellationToken = default)
    {
        await _checks.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var watched = Watched
                ?? throw new MlOpsException(
                    $"'{Model}' is not monitored in this process.",
                    "Add MonitorModel(…) to its lifecycle and run it here; stages that are up to date are reused. Where releases of " +
                        $"the model are received, run LifecycleBuilder.Create(\"{Model}\").MonitorModel(…).Build() once in this process.");
            using var owned = new PluginCancellation(_services.Logger, cancellationToken, _closing.Token);
            return await _runner.RunAsync(watched.Policy, owned.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (_closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException($"The monitor of '{Model}' was disposed of during the check.", e);
        }
        finally
        {
            _checks.Leave();
        }
    }

    /// <summary>Earlier reports, the newest first.</summary>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<IReadOnlyList<MonitoringReport>> ReportsAsync(int limit = 100, CancellationToken cancellationToken = default)
    {
        var rows = await _services.Reports.VerdictsAsync(Model, null, limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(MonitoringJson.ReadReport)];
    }

    /// <summary>
    /// The windows of the model with the share of their predictions that have a label by now, the newest first: those that were judged, and
    /// before them those that are not (<see cref="PredictionWindow.IsComplete"/>), as far as their predictions are stored. A window by the
    /// calendar has the bounds of its period from the beginning; any other that is not judged has those of its predictions so far.
    /// </summary>
    /// <param name="limit">How many judged ones at most.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">A stored report is damaged.</exception>
    public Task<IReadOnlyList<PredictionWindow>> WindowsAsync(int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return new WindowHistory(Model, _services).ReadAsync(limit, cancellationToken);
    }

    /// <summary>
    /// Metrics of the predictions whose labels have arrived until now, over time: for each version that predicted, the values with their
    /// 95 % intervals, the same as stage 4 computes of the same rows. Predictions count by the time when they were made, those of all
    /// processes that share the workspace.
    /// </summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="period">The length of a period, above zero.</param>
    /// <param name="from">The beginning of the first period.</param>
    /// <param name="to">The end of the last period, which may be shorter; at most 1,000 periods later.</param>
    /// <param name="by">A recorded column whose groups are measured too, the 20 largest of each period. Default: none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>
    /// The series. Of more than <see cref="LabelledPredictions.MostRows"/> labelled predictions of a version in a period, the newest are
    /// measured.
    /// </returns>
    /// <exception cref="ArgumentException">There is no metric, two have one name, or an argument is out of its range.</exception>
    /// <exception cref="MlOpsException">The column is not recorded, or a step of ProcessData computes the label.</exception>
    public Task<PerformanceSeries> PerformanceAsync(
        IReadOnlyList<IMetric> metrics,
        TimeSpan period,
        DateTimeOffset from,
        DateTimeOffset to,
        string? by = null,
        CancellationToken cancellationToken = default)
    {
        RequireMetrics(metrics);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        if ((to - from) / period > PerformanceHistory.MostPeriods)
        {
            throw new ArgumentOutOfRangeException(
                nameof(period), period, $"There are more than {PerformanceHistory.MostPeriods} periods between the two times.");
        }
        return new PerformanceHistory(Model, _services).ReadAsync(
            metrics, PerformanceHistory.Divide(period, from.ToUniversalTime(), to.ToUniversalTime()), by, cancellationToken);
    }

    /// <summary>
    /// Metrics of the predictions whose labels have arrived until now, by the calendar of a time zone, with the bounds that windows by the
    /// same calendar have (<see cref="MonitoringWindows.Calendar"/>); otherwise like
    /// <see cref="PerformanceAsync(IReadOnlyList{IMetric}, TimeSpan, DateTimeOffset, DateTimeOffset, string?, CancellationToken)"/>.
    /// </summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="period">The length of a period. A day on which clocks are changed has 23 or 25 hours.</param>
    /// <param name="timeZone">The time zone, by its name in the IANA database.</param>
    /// <param name="from">A time in the first period, which counts in full.</param>
    /// <param name="to">The end: the last period is the one that ends at or after it, at most the 1,000th, and counts in full.</param>
    /// <param name="by">A recorded column whose groups are measured too, the 20 largest of each period. Default: none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The series, whose times have the offset of the time zone.</returns>
    /// <exception cref="ArgumentException">There is no metric, two have one name, or an argument is out of its range.</exception>
    /// <exception cref="MlOpsException">
    /// The time zone is not known, the column is not recorded, or a step of ProcessData computes the label.
    /// </exception>
    public async Task<PerformanceSeries> PerformanceAsync(
        IReadOnlyList<IMetric> metrics,
        CalendarPeriod period,
        string timeZone,
        DateTimeOffset from,
        DateTimeOffset to,
        string? by = null,
        CancellationToken cancellationToken = default)
    {
        RequireMetrics(metrics);
        var windows = MonitoringWindows.Calendar(period, timeZone);
        windows.RequireZone("PerformanceAsync(…)");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        if (!CalendarGrid.Has(from.UtcTicks)) throw new ArgumentOutOfRangeException(nameof(from), from, "The time has no calendar.");
        if (!CalendarGrid.Has(to.UtcTicks)) throw new ArgumentOutOfRangeException(nameof(to), to, "The time has no calendar.");
        var periods = PerformanceHistory.Divide(windows.NewGrid(), from, to) ?? throw new ArgumentOutOfRangeException(
            nameof(period), period, $"There are more than {PerformanceHistory.MostPeriods} periods between the two times.");
        var series = await new PerformanceHistory(Model, _services).ReadAsync(
            metrics, periods, by, cancellationToken).ConfigureAwait(false);
        return series with { Period = period, TimeZone = timeZone };
    }

    /// <summary>
    /// Stores what is recorded, and waits 5 seconds for a check that is in progress; then it is cancelled. Calls that wait end with an
    /// <see cref="ObjectDisposedException"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _checks.Close();
        try
        {
            await _predictions.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            // A check that is in progress stores its report, or puts its window back, before the database is closed.
            _closing.CancelAfter(PluginPatience.DefaultGrace);
            await _checks.EnterAnywayAsync(CancellationToken.None).ConfigureAwait(false);
            _checks.Leave();
            _closing.Dispose();
        }
    }

    private static void RequireMetrics(IReadOnlyList<IMetric> metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        if (metrics.Count == 0 || metrics.Contains(null!) || metrics.DistinctBy(metric => metric.Name).Count() < metrics.Count)
        {
            throw new ArgumentException("Name at least one metric, and each once.", nameof(metrics));
        }
    }

    // What steps compute stands otherwise in the data than the model knows it.
    private async Task<LabelEncoding?> KnownLabelsAsync(CancellationToken cancellationToken)
    {
        if (_predictions.NewestPackage is { } package) return package.Graph.ChangesLabel ? null : package.Decision.Labels;
        return (await _services.FindPromotedLabels(Model, cancellationToken).ConfigureAwait(false))?.Labels;
    }

    private async Task<WindowShape?> FindShapeAsync(int version, CancellationToken cancellationToken)
    {
        if (version == 0) return Watched?.Elsewhere?.Shape;
        if (_predictions.Shapes.Find(version) is { } known) return known;
        return await _services.FindModel(Model, version, cancellationToken).ConfigureAwait(false) is { } recorded
            ? _predictions.Shapes.Add(version, recorded.Shape)
            : null;
    }

    /// <summary>Predictions of a version for which there was no room.</summary>
    internal long DroppedBy(int version) => _predictions.DroppedBy(version);

    internal PredictionRecorder NewRecorder(int version, ModelPackage package) => _predictions.NewRecorder(version, package);

    /// <summary>Watches by a policy; what a run said about a model elsewhere stays.</summary>
    internal void Configure(MonitoringPolicy policy)
    {
        WatchedModel? before;
        do
        {
            before = Watched;
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _watched, new WatchedModel(policy, before?.Elsewhere), before), before));
        _predictions.Declare(policy.Windows);
    }

    /// <summary>Watches by a policy, and a model elsewhere where a run said so.</summary>
    internal Task ConfigureAsync(MonitoringPolicy policy, ElsewhereBaseline? elsewhere, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _watched, new WatchedModel(policy, elsewhere));
        _predictions.Declare(policy.Windows);
        return _predictions.DeclareAsync(cancellationToken);
    }
}
