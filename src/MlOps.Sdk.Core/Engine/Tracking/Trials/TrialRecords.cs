using System.Data.Common;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// Writes the trials of a run's search as runs of their own, in the background and as many at once as have gathered; and finds those that
/// an earlier search finished. Thread-safe.
/// </summary>
internal sealed class TrialRecords(RelationalStore store, RunTracker tracker, IArtifactStore artifacts, ILogger logger) : IDisposable
{
    // About 20 ms of the writer, for which others wait.
    private const int TrialsPerWrite = 8;
    private const int LongestError = RunText.LongestValue;

    private readonly Lock _lock = new();
    private readonly List<TrialRecord> _pending = [];
    private readonly SemaphoreSlim _flushing = new(1);
    private bool _isWriting;

    /// <summary>Whether trials of earlier searches may be taken over.</summary>
    public bool Reuse { get; init; } = true;

    public string RunId => tracker.RunId;

    /// <summary>Records a trial; returns at once.</summary>
    public void Add(TrialRecord record)
    {
        lock (_lock)
        {
            _pending.Add(record);
            if (_isWriting) return;
            _isWriting = true;
        }

        _ = Task.Run(WriteInBackgroundAsync);
    }

    /// <summary>Writes the trials that were added before.</summary>
    /// <exception cref="MlOpsException">They cannot be written; they are kept in memory.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _flushing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                TrialRecord[] batch;
                lock (_lock) batch = [.. _pending.Take(TrialsPerWrite)];
                if (batch.Length == 0) return;
                await WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                lock (_lock) _pending.RemoveRange(0, batch.Length);
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>Writes what was added, where something else has failed already: what cannot be written is logged.</summary>
    public async Task FlushAnywayAsync()
    {
        try
        {
            await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is MlOpsException or ObjectDisposedException or InvalidOperationException)
        {
            TrialLog.Lost(logger, e, RunId);
        }
    }

    /// <summary>Finds finished trials of the lifecycle by what decides their results.</summary>
    /// <returns>The newest of each fingerprint, with scores where any of them has kept them.</returns>
    public Task<IReadOnlyDictionary<string, KeptTrial>> FindAsync(
        IReadOnlyCollection<string> fingerprints, CancellationToken cancellationToken) => store.ReadAsync(
        IReadOnlyDictionary<string, KeptTrial> (connection) =>
        {
            var found = new Dictionary<string, KeptTrial>(StringComparer.Ordinal);
            foreach (var row in SearchTrialTable.Find(connection, tracker.Lifecycle, fingerprints.Distinct(StringComparer.Ordinal)))
            {
                var kept = new KeptTrial(row.Trial, row.Run, row.Fingerprint!, row.Result, IdOf(row.Scores));
                if (kept.Scores is null && found.TryGetValue(kept.Fingerprint, out var former)) kept = kept with { Scores = former.Scores };
                found[kept.Fingerprint] = kept;
            }

            return found;
        },
        cancellationToken);

    /// <summary>Reads scores.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="length">How many there must be.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The scores; <see langword="null"/> where they are not kept or damaged, which is logged.</returns>
    public async Task<double[]?> ReadScoresAsync(KeptTrial trial, int length, CancellationToken cancellationToken)
    {
        if (trial.Scores is not { } id) return null;
        var (bytes, loss) = await artifacts.TryReadAllAsync(id, cancellationToken).ConfigureAwait(false);
        if (loss is null && bytes.Length != (long)length * sizeof(double)) loss = $"It has {bytes.Length} bytes of scores.";
        if (loss is null) return MemoryMarshal.Cast<byte, double>(bytes).ToArray();
        ReportDamage(trial, loss);
        return null;
    }

    /// <summary>Says that a trial cannot be taken over.</summary>
    public void ReportDamage(KeptTrial trial, string reason) =>
        TrialLog.Damaged(logger, tracker.Lifecycle, trial.Trial, trial.Run, reason);

    /// <summary>Notes the trials that this search took over, so that they are found under its run, too.</summary>
    /// <param name="trials">The trials; those of this run are noted already.</param>
    /// <param name="best">The trial whose scores are kept, with its scores; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task TakeOverAsync(
        IReadOnlyCollection<KeptTrial> trials, (KeptTrial Trial, double[] Scores)? best, CancellationToken cancellationToken)
    {
        TrialLog.Resumed(
            logger, tracker.Lifecycle, RunId, trials.Count, string.Join(", ", trials.Select(trial => trial.Run).Distinct().Order()));
        var scores = best is var (_, of) ? await PutAsync(of, cancellationToken).ConfigureAwait(false) : (ArtifactId?)null;
        await tracker.WriteAsync(
            connection =>
            {
                foreach (var trial in trials)
                {
                    SearchTrialTable.Insert(
                        connection,
                        tracker.No,
                        new SearchTrialRow { Trial = trial.Trial, Fingerprint = trial.Fingerprint, Result = trial.Result });
                }

                if (scores is { } id) SearchTrialTable.KeepScores(connection, tracker.No, RunId, best!.Value.Trial.Trial, id);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Lets scores be collected once the stage has a result: those of its run, and of runs of the lifecycle that nobody works on. Their
    /// trials stay; only the best of such a run would be trained again.
    /// </summary>
    public static void Release(DbConnection connection, string lifecycle, string runId, DateTimeOffset now)
    {
        foreach (var run in SearchTrialTable.RunsWithScores(connection, lifecycle))
        {
            var isAtWork = run.State == nameof(RunState.Running) && RunOwner.MayWork(run, now);
            if (run.Id == runId || !isAtWork) SearchTrialTable.ForgetScores(connection, run.No, run.Id);
        }
    }

    /// <summary>The results of a run's trials, in the order in which they ended: the id of the trial's own run, and the JSON.</summary>
    public static Task<IReadOnlyList<SearchTrialRow>> ReadAsync(
        RelationalStore store, string runId, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => SearchTrialTable.Read(connection, runId), cancellationToken);

    public void Dispose() => _flushing.Dispose();

    private static ArtifactId? IdOf(string? hex) => hex is null ? null : ArtifactId.Parse(hex);

    private async Task WriteInBackgroundAsync()
    {
        while (true)
        {
            try
            {
                await FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is MlOpsException or ObjectDisposedException or InvalidOperationException)
            {
                // The next trial, or the end of the search, tries again.
                TrialLog.WriteFailed(logger, e, RunId);
                lock (_lock) _isWriting = false;
                return;
            }

            lock (_lock)
            {
                if (_pending.Count > 0) continue;
                _isWriting = false;
                return;
            }
        }
    }

    // A trial that was the best for a moment need not leave its scores behind.
    private async Task WriteAsync(TrialRecord[] batch, CancellationToken cancellationToken)
    {
        var best = Array.FindLastIndex(batch, record => record.Scores is not null);
        var scores = best < 0 ? (ArtifactId?)null : await PutAsync(batch[best].Scores!, cancellationToken).ConfigureAwait(false);
        await tracker.WriteAsync(
            connection =>
            {
                var parent = RunTable.Find(connection, RunId) ?? throw RunHistory.Unknown(RunId);
                parent = parent with { Environment = ExperimentTable.EnvironmentNumber(connection, parent.No) };
                for (var i = 0; i < batch.Length; i++)
                {
                    var trial = Insert(connection, batch[i], parent, RunKind.Trial);
                    if (batch[i].Result is { } result)
                    {
                        SearchTrialTable.Insert(
                            connection,
                            tracker.No,
                            new SearchTrialRow { Trial = trial, Fingerprint = batch[i].Fingerprint, Result = result });
                    }

                    if (i == best) SearchTrialTable.KeepScores(connection, tracker.No, RunId, trial, scores!.Value);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static string Insert(DbConnection connection, TrialRecord record, RunRow parent, RunKind kind)
    {
        var row = parent with
        {
            Id = Tracking.RunId.New(record.StartedAt),
            State = record.State.ToString(),
            StartedAt = record.StartedAt.UtcTicks,
            EndedAt = record.EndedAt.UtcTicks,
            Cause = kind == RunKind.Trial ? "search" : "cross-validation",
            ParentRun = parent.Id,
            Kind = kind.ToString(),
            Error = record.Error is { Length: > LongestError } error ? error[..LongestError] : record.Error,
        };
        row = row with { No = RunTable.Insert(connection, row) };
        RunParameterTable.Put(connection, row.No, record.Parameters);
        foreach (var (name, value) in record.Tags) ExperimentTable.SetTag(connection, row.No, name, value);
        MetricPoint[] points = [.. record.Metrics.Select(metric => new MetricPoint(metric.Key, metric.Value, 0))];
        MetricTable.Insert(connection, row.No, row.EndedAt!.Value, points);
        foreach (var fold in record.Folds) Insert(connection, fold, row, RunKind.Fold);
        return row.Id;
    }

    private async Task<ArtifactId> PutAsync(double[] scores, CancellationToken cancellationToken) =>
        (await artifacts.PutAsync(MemoryMarshal.AsBytes<double>(scores).ToArray(), cancellationToken).ConfigureAwait(false)).Id;
}
