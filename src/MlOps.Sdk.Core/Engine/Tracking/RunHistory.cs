using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// The runs of a workspace. States are those of the moment of reading: a run whose process is gone is never shown as running. Thread-safe.
/// </summary>
public sealed class RunHistory
{
    private const int MostCompared = 1_000;

    private readonly RelationalStore _store;
    private readonly Func<string> _actor;

    /// <summary>Compares the models of runs on the same rows.</summary>
    internal Func<IReadOnlyList<FoundRun>, CancellationToken, Task<RunPairing>> PairAsync { get; init; } =
        (_, _) => Task.FromResult(RunPairing.None);

    internal RunHistory(RelationalStore store, Func<string> actor) => (_store, _actor) = (store, actor);

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

    /// <summary>
    /// Reads the run of a lifecycle that began last. Runs that code of its own began under the same name are none.
    /// </summary>
    /// <param name="lifecycle">The lifecycle.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The run, or <see langword="null"/> when the lifecycle never ran.</returns>
    public Task<RunRecord?> LatestAsync(string lifecycle, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(
            connection => RunTable.FindLatest(connection, lifecycle) is { } row
                ? RunReading.ToRecord(row, RunStageTable.Read(connection, [row.No])[row.No], _store.Clock.GetUtcNow())
                : null, cancellationToken);

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

    /// <summary>
    /// Finds runs, a page at a time. Trials and folds of searches are found when the filter names a kind, a parent or an id.
    /// </summary>
    /// <param name="query">Which runs, in which order, from where on.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException"><see cref="RunQuery.After"/> is not of such a search.</exception>
    public Task<RunPage> SearchAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(query.Filter);
        ArgumentNullException.ThrowIfNull(query.Order);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, RunQuery.LargestLimit);
        var after = RunCursor.Read(query.Order, query.After);
        return _store.ReadAsync(
            connection =>
            {
                var now = _store.Clock.GetUtcNow();
                long[] interrupted = [.. RunTable.Running(connection).Where(row => !RunOwner.IsAlive(row, now)).Select(row => row.No)];
                var found = RunSearch.Find(
                    connection,
                    query.Filter.Condition,
                    (query.Order.Metric, query.Order.IsDescending),
                    query.Limit,
                    after,
                    interrupted);
                RunRow[] rows = [.. found.Take(query.Limit)];
                return new RunPage(
                    RunReading.ToFound(connection, rows, now), found.Count > rows.Length ? RunCursor.Of(query.Order, rows[^1]) : null);
            },
            cancellationToken);
    }

    /// <summary>Finds runs: the first page of <see cref="SearchAsync(RunQuery, CancellationToken)"/>.</summary>
    /// <param name="filter">Which runs, as <see cref="RunFilter.Parse"/> reads it.</param>
    /// <param name="order">In which order. Default: the newest first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="RunFilterException">The filter is not one.</exception>
    public async Task<IReadOnlyList<FoundRun>> SearchAsync(
        string filter, RunOrder? order = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        var query = new RunQuery { Filter = RunFilter.Parse(filter), Order = order ?? RunOrder.Newest, Limit = limit };
        return (await SearchAsync(query, cancellationToken).ConfigureAwait(false)).Runs;
    }

    /// <summary>
    /// Puts runs side by side: what differs in their parameters, metrics, tags, datasets and environments, and, of up to 20 runs, how their
    /// models differ on the same rows of the holdout. Such a comparison is a look at the holdout, and is written in its ledger once.
    /// </summary>
    /// <param name="runIds">The runs, 2 to 1,000, each once.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">There are too few or too many, or one is named twice.</exception>
    /// <exception cref="MlOpsException">There is no such run, or its record is damaged.</exception>
    public async Task<RunComparison> CompareAsync(IReadOnlyList<string> runIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runIds);
        if (runIds.Count is < 2 or > MostCompared)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"Name 2 to {MostCompared:N0} runs, not {runIds.Count:N0}."), nameof(runIds));
        }
        if (runIds.Distinct(StringComparer.Ordinal).Count() < runIds.Count)
        {
            throw new ArgumentException("Name each run once.", nameof(runIds));
        }
        var comparison = await _store.ReadAsync(
            connection =>
            {
                var found = RunSearch.FindAll(connection, runIds).ToDictionary(row => row.Id, StringComparer.Ordinal);
                RunRow[] rows = [.. runIds.Select(id => found.GetValueOrDefault(id) ?? throw Unknown(id))];
                long[] numbers = [.. rows.Select(row => row.No)];
                var datasets = RunSearch.Datasets(connection, numbers);
                var environments = RunSearch.Environments(connection, numbers);
                var runs = RunReading.ToFound(connection, rows, _store.Clock.GetUtcNow());
                return StoredRecord.Read("the runs that are compared", () =>
                {
                    // Many runs share an environment.
                    var read = environments.Values.Distinct().ToDictionary(text => text, TrackingJson.Read, StringComparer.Ordinal);
                    return new RunComparison
                    {
                        Runs = runs,
                        Differences = RunDifferences.Of(
                            runs,
                            [.. numbers.Select(run => (IReadOnlyList<RunDataset>)[.. datasets[run].Select(RunReading.ToDataset)])],
                            [.. numbers.Select(run => environments.TryGetValue(run, out var text) ? read[text] : null)]),
                    };
                });
            },
            cancellationToken).ConfigureAwait(false);
        var (paired, unpaired) = await PairAsync(comparison.Runs, cancellationToken).ConfigureAwait(false);
        return comparison with { Paired = paired, Unpaired = unpaired };
    }

    /// <summary>Reads everything that is recorded of a run, but its metric series.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run, or its record is damaged.</exception>
    public Task<RunDetails> DetailsAsync(string runId, CancellationToken cancellationToken = default) => _store.ReadAsync(
        connection =>
        {
            var now = _store.Clock.GetUtcNow();
            var row = RunTable.Find(connection, runId) ?? throw Unknown(runId);
            var found = RunReading.ToFound(connection, [row], now)[0];
            return StoredRecord.Read($"run '{runId}'", () => new RunDetails
            {
                Run = RunReading.ToRecord(row, RunStageTable.Read(connection, [row.No])[row.No], now),
                Parameters = found.Parameters,
                Metrics = found.Metrics,
                Tags = found.Tags,
                Notes = [.. ExperimentTable.Notes(connection, row.No).Select(
                    note => new RunNote(Ticks.ToTime(note.At), note.Actor, note.Text))],
                Artifacts = [.. ExperimentTable.Artifacts(connection, row.No).Select(
                    each => new RunArtifact(each.Name, ArtifactId.Parse(each.Artifact), each.Length, Ticks.ToTime(each.At)))],
                Datasets = [.. RunSearch.Datasets(connection, [row.No])[row.No].Select(RunReading.ToDataset)],
                Children = ExperimentTable.Children(connection, runId),
                Environment = TrackingJson.Read(ExperimentTable.Environment(connection, row.No)),
            });
        },
        cancellationToken);

    /// <summary>Sets a tag of a run, whatever has become of the run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="name">The tag.</param>
    /// <param name="value">Its value; <see langword="null"/> removes it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run.</exception>
    public Task SetTagAsync(string runId, string name, string? value, CancellationToken cancellationToken = default)
    {
        RunText.Check(name, nameof(name));
        if (value is not null) RunText.Check(value, nameof(value), RunText.LongestValue);
        return _store.WriteAsync(
            connection =>
            {
                var run = RunTable.NumberOf(connection, runId) ?? throw Unknown(runId);
                if (value is null) ExperimentTable.RemoveTag(connection, run, name);
                else ExperimentTable.SetTag(connection, run, name, value);
            },
            cancellationToken);
    }

    /// <summary>Adds a note to a run, whatever has become of the run. Notes are never changed.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="text">The note, up to 100,000 characters.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run.</exception>
    public Task AddNoteAsync(string runId, string text, CancellationToken cancellationToken = default)
    {
        RunText.Check(text, nameof(text), RunText.LongestNote);
        var note = new RunNoteRow { At = _store.Clock.GetUtcNow().UtcTicks, Actor = _actor(), Text = text };
        return _store.WriteAsync(
            connection => ExperimentTable.AddNote(connection, RunTable.NumberOf(connection, runId) ?? throw Unknown(runId), note),
            cancellationToken);
    }

    /// <summary>
    /// Reads a page of the log of a run: what the library and its plug-ins logged while it was in progress, in whatever process. Of a run
    /// in progress, messages appear about half a second after they were logged.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="query">Which messages; <see langword="null"/> for the first 500.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value of the query is out of its range.</exception>
    /// <exception cref="MlOpsException">There is no such run.</exception>
    public Task<RunLogPage> LogAsync(string runId, RunLogQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= new RunLogQuery();
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, RunLogQuery.LargestLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(query.After);
        return _store.ReadAsync(
            connection =>
            {
                var run = RunTable.NumberOf(connection, runId) ?? throw Unknown(runId);
                var rows = RunLogTable.Read(
                    connection, run, query.After, (int)query.MinimumLevel, (int?)query.Stage, query.Limit + 1);
                RunLogEntry[] entries = [.. rows.Take(query.Limit).Select(RunReading.ToEntry)];
                return new RunLogPage(
                    entries, rows.Count > entries.Length ? entries[^1].No : null, RunLogTable.Dropped(connection, run));
            },
            cancellationToken);
    }

    /// <summary>Reads how the log of a run begins and ends.</summary>
    /// <returns>The messages, how many there are, and how many were dropped.</returns>
    internal Task<(IReadOnlyList<RunLogEntry> Entries, long Count, long Dropped)> LogEdgesAsync(
        string runId, int first, int last, CancellationToken cancellationToken) => _store.ReadAsync(
        connection =>
        {
            var run = RunTable.NumberOf(connection, runId) ?? throw Unknown(runId);
            IReadOnlyList<RunLogEntry> entries = [.. RunLogTable.Edges(connection, run, first, last).Select(RunReading.ToEntry)];
            var count = entries.Count < first + last ? entries.Count : RunLogTable.Count(connection, run);
            return (entries, count, RunLogTable.Dropped(connection, run));
        },
        cancellationToken);

    internal static MlOpsException Unknown(string id) => new($"There is no run '{id}'.", "List the runs of the workspace to find its id.");
}
