using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// The runs of a workspace. States are those of the moment of reading: a run whose process is gone is never shown as running. Thread-safe.
/// </summary>
public sealed class RunHistory
{
    private readonly RelationalStore _store;

    internal RunHistory(RelationalStore store) => _store = store;

    /// <summary>Reads a run.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run.</exception>
    public Task<RunRecord> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(
            connection => RunTable.Find(connection, id) is { } row
                ? RunReading.ToRecord(row, RunStageTable.Read(connection, [row.No])[row.No], _store.Clock.GetUtcNow())
                : throw Unknown(id), cancellationToken);

    /// <summary>
    /// Reads the run that ended last of those of a lifecycle that succeeded, have a stage and are not a retraining: one that failed and was
    /// resumed later read what came in between.
    /// </summary>
    /// <param name="lifecycle">The lifecycle.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="before">Only runs that ended before this one; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal Task<RunRecord?> FindLastSucceededAsync(
        string lifecycle, LifecycleStage stage, string? before, CancellationToken cancellationToken) =>
        _store.ReadAsync(
            connection => RunTable.FindLastSucceeded(connection, lifecycle, stage, before) is { } row
                ? RunReading.ToRecord(row, RunStageTable.Read(connection, [row.No])[row.No], _store.Clock.GetUtcNow())
                : null, cancellationToken);

    /// <summary>Lists runs in the order in which they began, newest first. The clock does not decide it, which may be set back.</summary>
    /// <param name="lifecycle">Only runs of this lifecycle.</param>
    /// <param name="state">Only runs that are in this state now.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<RunRecord>> ListAsync(
        string? lifecycle = null, RunState? state = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        // Who is stored as running may be interrupted by now.
        string[]? stored = state switch
        {
            null => null,
            RunState.Interrupted => [nameof(RunState.Running), nameof(RunState.Interrupted)],
            _ => [state.Value.ToString()],
        };
        return _store.ReadAsync<IReadOnlyList<RunRecord>>(connection =>
        {
            var now = _store.Clock.GetUtcNow();
            var rows = RunTable.List(connection, lifecycle, stored)
                .Where(row => state is null || RunReading.StateOf(row, now) == state)
                .Take(limit)
                .ToList();
            var stages = RunStageTable.Read(connection, [.. rows.Select(row => row.No)]);
            return [.. rows.Select(row => RunReading.ToRecord(row, stages[row.No], now))];
        }, cancellationToken);
    }

    /// <summary>Reads the run of a lifecycle that began last.</summary>
    /// <param name="lifecycle">The lifecycle.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The run, or <see langword="null"/> when the lifecycle never ran.</returns>
    public async Task<RunRecord?> LatestAsync(string lifecycle, CancellationToken cancellationToken = default)
    {
        var runs = await ListAsync(lifecycle, null, 1, cancellationToken).ConfigureAwait(false);
        return runs.Count > 0 ? runs[0] : null;
    }

    /// <summary>Reads the parameters of a run, by name.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyDictionary<string, string>> ParametersAsync(string runId, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(connection => RunParameterTable.Read(connection, runId), cancellationToken);

    /// <summary>Reads metric series of a run, ordered by name and step.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="name">Only this metric.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<RunMetric>> MetricsAsync(string runId, string? name = null, CancellationToken cancellationToken = default) =>
        _store.ReadAsync<IReadOnlyList<RunMetric>>(
            connection => [.. MetricTable.Read(connection, runId, name).Select(
                row => new RunMetric(row.Name, row.Value ?? double.NaN, row.Step, Ticks.ToTime(row.At)))],
            cancellationToken);

    /// <summary>Finds the runs with the best last value of a metric, best first. Runs where it is missing or NaN are left out.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="largestFirst">Whether larger is better.</param>
    /// <param name="lifecycle">Only runs of this lifecycle.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<RunScore>> SearchAsync(
        string metric, bool largestFirst = true, string? lifecycle = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _store.ReadAsync<IReadOnlyList<RunScore>>(connection =>
        {
            var now = _store.Clock.GetUtcNow();
            return
            [
                .. RunTable.Best(connection, metric, largestFirst, lifecycle, limit)
                    .Select(
                        row => new RunScore(row.Id, row.Lifecycle, RunReading.StateOf(row, now), Ticks.ToTime(row.StartedAt), row.Score)),
            ];
        }, cancellationToken);
    }

    internal static MlOpsException Unknown(string id) => new($"There is no run '{id}'.", "List the runs of the workspace to find its id.");
}
