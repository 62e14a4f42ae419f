using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// Writes the record of a run while this process works on it, by its lease. Thread-safe.
/// Disposing before <see cref="CompleteAsync"/> leaves the run interrupted, ready to be resumed.
/// </summary>
internal sealed class RunTracker : IAsyncDisposable
{
    /// <summary>How references to artifacts name runs.</summary>
    public const string OwnerKind = "run";
    private static readonly IReadOnlyDictionary<string, ArtifactId> Nothing = new Dictionary<string, ArtifactId>();

    private readonly RelationalStore _store;
    private readonly ILogger _logger;
    private readonly long _no;
    private readonly RunLease _lease;
    private readonly RunMetrics _metrics;
    private readonly ConcurrentDictionary<LifecycleStage, (long Timestamp, string Fingerprint)> _begun = [];
    private int _disposed;

    private RunTracker(RelationalStore store, ILogger logger, RunRow row)
    {
        _store = store;
        _logger = logger;
        _no = row.No;
        RunId = row.Id;
        Lifecycle = row.Lifecycle;
        Seed = row.Seed;
        _lease = new RunLease(store, logger, row);
        _metrics = new RunMetrics(RunId, _no, store.Clock, logger, WriteAsync);
    }

    public string RunId { get; }

    public string Lifecycle { get; }

    /// <summary>The number of the run in the store.</summary>
    public long No => _no;

    public long Seed { get; }

    /// <summary>The log of the run; <see langword="null"/> until it is opened.</summary>
    public RunLog? Log { get; private set; }

    /// <summary>Cancelled when another process has taken the run over: nothing more can be written to it.</summary>
    public CancellationToken OwnershipLost => _lease.Lost;

    /// <summary>Begins a new run, owned by this process.</summary>
    /// <exception cref="MlOpsException">Another run answers the retraining.</exception>
    public static async Task<RunTracker> StartAsync(
        RelationalStore store, ILogger logger, RunStart start, CancellationToken cancellationToken = default) =>
        await TryStartAsync(store, logger, start, cancellationToken).ConfigureAwait(false)
            ?? throw new MlOpsException("Another run has started this retraining.", "Follow that run.");

    /// <summary>Begins a new run, owned by this process.</summary>
    /// <returns>The run, or <see langword="null"/> when another one answers the retraining.</returns>
    public static async Task<RunTracker?> TryStartAsync(
        RelationalStore store, ILogger logger, RunStart start, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(start.Lifecycle);
        var now = store.Clock.GetUtcNow();
        var row = RunLease.Take(
            new RunRow
            {
                Id = Tracking.RunId.New(now),
                Lifecycle = start.Lifecycle,
                State = nameof(RunState.Running),
                StartedAt = now.UtcTicks,
                Seed = start.Seed,
                Cause = start.Cause,
                ParentRun = start.ParentRun,
                Kind = start.Kind.ToString(),
            }, now);
        row = row with { ResultsOf = start.ResultsOf, FromStage = (int?)start.FromStage };
        var environment = TrackingJson.Write(CurrentEnvironment.Read());
        var no = await store.WriteAsync(long? (connection) =>
        {
            if (start.Trigger is { } trigger
                && !RetrainingTable.TryClaim(connection, trigger, row.Id, holder => RunReading.StateOf(holder, now) == RunState.Running))
            {
                return null;
            }
            start.Gate.Pass(connection, start.Lifecycle, now);
            var no = RunTable.Insert(connection, row with { Environment = ExperimentTable.EnvironmentOf(connection, environment) });
            foreach (var (name, value) in start.Tags) ExperimentTable.SetTag(connection, no, name, value);
            if (start.Starter is { } starter) AuditedWork.Append(connection, now, AuditedWork.Started, row.Id, starter);
            foreach (var stage in start.Stages)
            {
                RunStageTable.Put(connection, new RunStageRow { Run = no, Stage = (int)stage, State = nameof(StageState.Pending) });
            }
            return no;
        }, cancellationToken).ConfigureAwait(false);
        return no is { } started ? new RunTracker(store, logger, row with { No = started }) : null;
    }

    /// <summary>Takes a run that did not succeed, to continue it under the same id.</summary>
    /// <param name="store">The database.</param>
    /// <param name="logger">Hears what concerns the run.</param>
    /// <param name="runId">The run.</param>
    /// <param name="gate">What lets it begin.</param>
    /// <param name="from">The stage that is repeated, with those behind it; <see langword="null"/> for none.</param>
    /// <param name="also">What is written in the same commit; <see langword="null"/> for nothing.</param>
    /// <param name="resumer">Who goes on to make something of it; <see langword="null"/> where what it made is there.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run, it has succeeded, or another process works on it.</exception>
    public static async Task<RunTracker> ResumeAsync(
        RelationalStore store,
        ILogger logger,
        string runId,
        RunGate gate = default,
        LifecycleStage? from = null,
        Action<DbConnection>? also = null,
        ActingPerson? resumer = null,
        CancellationToken cancellationToken = default)
    {
        var taken = await store.WriteAsync(connection =>
        {
            var now = store.Clock.GetUtcNow();
            var row = RunTable.Find(connection, runId) ?? throw RunHistory.Unknown(runId);
            switch (RunReading.StateOf(row, now))
            {
                case RunState.Running:
                    throw new RunTakenException(
                        $"The run '{runId}' is being worked on by process {row.OwnerProcess} on {row.OwnerMachine}.",
                        "Wait for it, or stop that process first.");
                case RunState.NothingNew:
                    throw new MlOpsException($"The run '{runId}' found nothing new: there is nothing to resume.", "Start a new run.");
                case RunState.Succeeded:
                    throw new RunTakenException($"The run '{runId}' has succeeded: there is nothing to resume.", "Start a new run.");
            }

            gate.Pass(connection, row.Lifecycle, now);
            row = RunLease.Take(row, now);
            RunTable.Take(connection, row);
            RunStageTable.ResetUnfinished(connection, row.No);
            if (from is { } stage) RunStageTable.ResetFrom(connection, row.No, (int)stage);
            also?.Invoke(connection);
            if (resumer is { } person) AuditedWork.Append(connection, now, AuditedWork.Resumed, row.Id, person);
            return row;
        }, cancellationToken).ConfigureAwait(false);
        return new RunTracker(store, logger, taken);
    }

    /// <param name="stage">The stage that begins.</param>
    /// <param name="fingerprint">What its result depends on, as a hash.</param>
    /// <param name="reason">Why it is computed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task StageStartedAsync(LifecycleStage stage, string fingerprint, string reason, CancellationToken cancellationToken = default)
    {
        _begun[stage] = (_store.Clock.GetTimestamp(), fingerprint);
        var startedAt = _store.Clock.GetUtcNow().UtcTicks;
        return WriteAsync(
            connection => RunStageTable.Put(connection, new RunStageRow
            {
                Run = _no,
                Stage = (int)stage,
                State = nameof(StageState.Running),
                Fingerprint = fingerprint,
                Reason = reason,
                StartedAt = startedAt,
            }), cancellationToken);
    }

    /// <summary>Adds to the reason why a stage is computed.</summary>
    public Task StageExplainedAsync(LifecycleStage stage, string reason, CancellationToken cancellationToken = default) =>
        WriteAsync(connection => RunStageTable.AddReason(connection, _no, stage, reason), cancellationToken);

    /// <summary>Ends a stage that was started.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="state">What became of it.</param>
    /// <param name="outputs">What it made; referenced as long as the run is kept.</param>
    /// <param name="error">Why it failed.</param>
    /// <param name="inputs">
    /// The parts of its fingerprint: when given, the result of a stage that succeeded is kept for reuse in the same commit.
    /// </param>
    /// <param name="isStored">Whether an artifact is there; what is not cannot be kept.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">An output is not there any more.</exception>
    public async Task StageEndedAsync(
        LifecycleStage stage, StageState state, IReadOnlyDictionary<string, ArtifactId>? outputs = null, string? error = null,
        IReadOnlyList<(string Name, string Value)>? inputs = null, Func<ArtifactId, CancellationToken, Task<bool>>? isStored = null,
        CancellationToken cancellationToken = default)
    {
        if (!_begun.TryGetValue(stage, out var begun)) throw new InvalidOperationException($"The stage {stage} was not started.");
        outputs ??= Nothing;
        var elapsed = _store.Clock.GetElapsedTime(begun.Timestamp).Ticks;
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        if (isStored is not null)
        {
            // The run refers to what it has put: nobody of the library deletes it until the outputs are kept.
            foreach (var (name, id) in outputs)
            {
                if (!await isStored(id, cancellationToken).ConfigureAwait(false)) throw Lost(stage, name, id);
            }
        }
        await WriteAsync(
            connection =>
            {
                RunStageTable.End(connection, new RunStageRow
                {
                    Run = _no,
                    Stage = (int)stage,
                    State = state.ToString(),
                    Elapsed = elapsed,
                    Error = error,
                    Outputs = StorageJson.WriteArtifacts(outputs),
                });
                ArtifactRefTable.Add(connection, OwnerKind, RunId, outputs.Values);
                ArtifactRefTable.Remove(connection, RunArtifacts.OwnerKind, RunId);
                if (stage == LifecycleStage.Training && state == StageState.Succeeded)
                {
                    TrialRecords.Release(connection, Lifecycle, RunId, _store.Clock.GetUtcNow());
                }
                if (inputs is not null && state == StageState.Succeeded)
                {
                    StageResults.Save(connection, _store.Clock, Lifecycle, stage, begun.Fingerprint, RunId, outputs, inputs);
                }
            }, cancellationToken).ConfigureAwait(false);
        _begun.TryRemove(stage, out _);
    }

    /// <summary>Records a stage that had nothing to compute: reused, or skipped.</summary>
    public Task StagePassedAsync(
        LifecycleStage stage,
        StageState state,
        string? fingerprint,
        string reason,
        IReadOnlyDictionary<string, ArtifactId>? outputs = null,
        CancellationToken cancellationToken = default)
    {
        outputs ??= Nothing;
        var now = _store.Clock.GetUtcNow().UtcTicks;
        return WriteAsync(
            connection =>
            {
                RunStageTable.Put(connection, new RunStageRow
                {
                    Run = _no,
                    Stage = (int)stage,
                    State = state.ToString(),
                    Fingerprint = fingerprint,
                    Reason = reason,
                    StartedAt = now,
                    Elapsed = 0,
                    Outputs = StorageJson.WriteArtifacts(outputs),
                });
                ArtifactRefTable.Add(connection, OwnerKind, RunId, outputs.Values);
            }, cancellationToken);
    }

    /// <inheritdoc cref="RunLease.RequireOpen"/>
    public void RequireOpen() => _lease.RequireOpen();

    /// <summary>Keeps what is recorded of a stage that this run finished before it was resumed.</summary>
    /// <returns>Whether it is recorded with that fingerprint.</returns>
    public async Task<bool> StageKeptAsync(
        LifecycleStage stage, string? fingerprint, string? note, CancellationToken cancellationToken = default)
    {
        var kept = false;
        await WriteAsync(connection => kept = RunStageTable.Keep(connection, _no, stage, fingerprint, note), cancellationToken)
            .ConfigureAwait(false);
        return kept;
    }

    public Task LogParameterAsync(string name, string value, CancellationToken cancellationToken = default) =>
        LogParametersAsync([new(name, value)], cancellationToken);

    /// <summary>Logs parameters in one write.</summary>
    public Task LogParametersAsync(
        IReadOnlyCollection<KeyValuePair<string, string>> parameters,
        CancellationToken cancellationToken = default)
    {
        foreach (var (name, _) in parameters) ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return WriteAsync(
            connection =>
            {
                foreach (var (name, value) in parameters) RunParameterTable.Put(connection, _no, name, value);
            }, cancellationToken);
    }

    /// <summary>
    /// Logs a value of a metric series; returns at once, allocates nothing, and waits rather than lose a value when the disk cannot follow.
    /// </summary>
    /// <param name="name">The metric.</param>
    /// <param name="value">The value, which may be NaN.</param>
    /// <param name="step">The place in the series; the last value of a step counts.</param>
    /// <exception cref="MlOpsException">The run has ended, or metrics could not be stored, and no more fit in memory.</exception>
    public void LogMetric(string name, double value, long step = 0)
    {
        _lease.RequireOpen();
        _metrics.Add(name, value, step);
    }

    /// <summary>Opens the log of the run.</summary>
    /// <param name="limits">What it takes.</param>
    /// <param name="logger">Hears that it cannot be written.</param>
    /// <param name="isResumed">Whether there may be a log already.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RunLog> OpenLogAsync(
        RunLogLimits limits, ILogger logger, bool isResumed, CancellationToken cancellationToken)
    {
        var stored = isResumed
            ? await _store.ReadAsync(connection => RunLogTable.Marks(connection, _no), cancellationToken).ConfigureAwait(false)
            : [];

        // The end of the run is the last that it logs. What was taken over is another one's to log.
        return Log = new RunLog(limits, RunId, _no, stored, _store.Clock, logger, _lease.WriteAfterwardsAsync);
    }

    /// <summary>Writes the metrics that were logged before.</summary>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _metrics.FlushAsync(cancellationToken);

    /// <summary>Ends the run.</summary>
    /// <param name="state">What became of it: anything but running and interrupted.</param>
    /// <param name="error">Why it did not succeed.</param>
    /// <param name="cancellationToken">Cancels; then the run has not ended.</param>
    public async Task CompleteAsync(RunState state, string? error = null, CancellationToken cancellationToken = default)
    {
        if (state is RunState.Running or RunState.Interrupted)
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "A run does not end in this state.");
        }
        _lease.RequireOpen();
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await EndAsync(state, error, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the run as interrupted, unless it has ended. What cannot be written is logged.</summary>
    /// <param name="error">Why.</param>
    public async Task InterruptAsync(string error)
    {
        if (_lease.HasEnded || OwnershipLost.IsCancellationRequested) return;
        try
        {
            await FlushAsync().ConfigureAwait(false);
            _lease.Interrupt();
            if (Log is { } log) await log.TryFlushAsync().ConfigureAwait(false);
            await EndAsync(RunState.Interrupted, error, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is MlOpsException or ObjectDisposedException)
        {
            TrackingLog.EndFailed(_logger, e, RunId);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await Task.WhenAll(_lease.StopAsync(), _metrics.StopAsync()).ConfigureAwait(false);
        await InterruptAsync("The run was abandoned before its end.").ConfigureAwait(false);
        if (Log is { } log) await log.DisposeAsync().ConfigureAwait(false);
        _lease.GiveBack();
        await _metrics.DisposeAsync().ConfigureAwait(false);
        _lease.Dispose();
    }

    /// <summary>Writes as the owner of the run, which every write confirms and prolongs.</summary>
    /// <exception cref="MlOpsException">The run has ended, or was taken over.</exception>
    public Task WriteAsync(Action<DbConnection> work, CancellationToken cancellationToken) => _lease.WriteAsync(work, cancellationToken);

    private static MlOpsException Lost(LifecycleStage stage, string name, ArtifactId id) => new(
        $"The output '{name}' of stage {stage} is gone: the artifact {id} was removed while the run was in progress.",
        "Look for a program that deletes files of the artifacts folder, then resume the run.");

    private async Task EndAsync(RunState state, string? error, CancellationToken cancellationToken)
    {
        await _lease.EndAsync(state, error, cancellationToken).ConfigureAwait(false);
        _metrics.End();
    }
}
