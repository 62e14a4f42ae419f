using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Sends runs to an MLflow server, several at once, parents before their children. Used once.</summary>
internal sealed class MlflowExport(Workspace workspace, MlflowOptions options, IProgress<TransferProgress>? progress)
{
    private const string RunTag = "mlops.run_id";
    private const string ContentTag = "mlops.content";
    private const string MetricsTag = "mlops.metrics_until";
    private const string RecordName = "mlops/run.json";
    private const string ProxiedScheme = "mlflow-artifacts";
    private const int LongestDigest = 36;

    private readonly MlflowClient _client = new(options, workspace.Time);
    private readonly ConcurrentDictionary<string, string> _experiments = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string?> _sent = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MlflowTally> _tallies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RefusedRun> _refused = new(StringComparer.Ordinal);

    public async Task<MlflowReport> RunAsync(RunFilter filter, CancellationToken cancellationToken)
    {
        var generations = await MlflowSelection.FindAsync(workspace, filter, cancellationToken).ConfigureAwait(false);
        string[] ids = [.. generations.SelectMany(generation => generation)];
        foreach (var generation in generations)
        {
            // The first failure that concerns all runs ends the others, and is the one that is thrown.
            await Parallel.ForEachAsync(
                generation,
                new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken },
                async (id, end) => await SendAsync(id, ids.Length, end).ConfigureAwait(false)).ConfigureAwait(false);
        }

        MlflowTally[] all = [.. _tallies.Values];
        var leftOut = all.Sum(tally => tally.LeftOut);
        if (leftOut > 0) BackupLog.MlflowArtifactsLeftOut(workspace.Logger, options.Server.Host, leftOut);
        return new MlflowReport
        {
            Created = all.Count(tally => tally.IsNew == true),
            Continued = all.Count(tally => tally.IsNew == false),
            Unchanged = all.Count(tally => tally.IsUnchanged),
            Metrics = all.Sum(tally => tally.Metrics),
            Artifacts = all.Sum(tally => tally.Artifacts),
            ArtifactsLeftOut = leftOut,
            Cut = all.Sum(tally => tally.Cut),
            InProgress = [.. ids.Where(id => _tallies[id].IsInProgress)],
            Refused = [.. ids.Where(_refused.ContainsKey).Select(id => _refused[id])],
        };
    }

    private async Task SendAsync(string id, int count, CancellationToken cancellationToken)
    {
        var tally = new MlflowTally();
        MlflowRefusalException? refusal = null;
        try
        {
            await SendAsync(id, tally, cancellationToken).ConfigureAwait(false);
        }
        catch (MlflowRefusalException e)
        {
            refusal = e;
        }
        lock (_gate)
        {
            _tallies[id] = tally;
            if (refusal is not null)
            {
                BackupLog.MlflowRefused(workspace.Logger, options.Server.Host, id, refusal.Problem);
                _refused[id] = new RefusedRun(id, refusal.Problem, refusal.Remedy);
            }
            progress?.Report(new TransferProgress(0, 0, _tallies.Count, count));
        }
    }

    private async Task SendAsync(string id, MlflowTally tally, CancellationToken cancellationToken)
    {
        var archived = await workspace.Store.ReadAsync(connection => Read(connection, id), cancellationToken).ConfigureAwait(false);
        if (archived is not var (record, series))
        {
            tally.IsInProgress = true;
            return;
        }
        var details = await workspace.Runs.DetailsAsync(id, cancellationToken).ConfigureAwait(false);
        var said = await workspace.Store.ReadAsync(
            connection => MlflowVersions.Tags(RegistryRecords.OfRun(connection, id)), cancellationToken).ConfigureAwait(false);
        var content = ContentOf(record, series, said);
        var experiment = await ExperimentAsync(
            await RootNameAsync(details.Run, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var tags = await TagsAsync(details, said, experiment, tally, cancellationToken).ConfigureAwait(false);
        var (run, isNew) = await FindOrCreateAsync(details.Run, experiment, tags, cancellationToken).ConfigureAwait(false);
        var runId = run.Info!.RunId!;
        _sent[id] = runId;
        if (run.Tag(ContentTag) == content)
        {
            tally.Cut = 0;
            tally.IsUnchanged = true;
            return;
        }

        await LogAsync(runId, details, tags, tally, cancellationToken).ConfigureAwait(false);
        await LogMetricsAsync(runId, series, isNew ? null : run.Tag(MetricsTag), tally, cancellationToken).ConfigureAwait(false);
        await LogDatasetsAsync(runId, details, cancellationToken).ConfigureAwait(false);
        await UploadAsync(run.Info.ArtifactUri, details, tally, cancellationToken).ConfigureAwait(false);
        await _client.PostAsync(
            "runs/update",
            new MlflowRunUpdate(runId, StatusOf(details.Run.State), MillisecondsOf(details.Run.EndedAt)),
            MlflowJson.Default.MlflowRunUpdate,
            cancellationToken).ConfigureAwait(false);

        // Last: whoever finds it need not look at the rest.
        await LogBatchAsync(runId, [], [], [new MlflowPair(ContentTag, content)], cancellationToken).ConfigureAwait(false);
        tally.IsNew = isNew;
    }

    private (ArchivedRun Run, IReadOnlyList<MetricRow> Metrics)? Read(DbConnection connection, string id) =>
        RunArchiving.Read(connection, id, workspace.Time.GetUtcNow()) is var (run, metrics)
            ? (run, run.Kind == nameof(RunKind.Trial) ? [.. metrics, .. MlflowSelection.FoldMetrics(connection, id)] : metrics)
            : null;

    private static string ContentOf(
        ArchivedRun run,
        IReadOnlyList<MetricRow> metrics,
        IReadOnlyDictionary<string, string> said) => ArtifactId.Of(Encoding.UTF8.GetBytes(
        string.Join(
            '\n',
            [
                RunArchiving.ContentOf(run, metrics),
                .. run.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"),
                .. run.Notes.Select(note => $"{note.At} {note.Actor} {note.Text}"),
                .. said.Select(tag => $"{tag.Key}={tag.Value}"),
            ]))).Hex;

    // MLflow shows child runs below their parents only where both are in one experiment.
    private Task<string> RootNameAsync(RunRecord run, CancellationToken cancellationToken) => run.ParentRun is null
        ? Task.FromResult(run.Lifecycle)
        : workspace.Store.ReadAsync(
            connection =>
            {
                var (name, seen) = (run.Lifecycle, new HashSet<string>(StringComparer.Ordinal));
                for (var parent = run.ParentRun; parent is not null && seen.Add(parent);)
                {
                    if (RunTable.Find(connection, parent) is not { } row) break;
                    (name, parent) = (row.Lifecycle, row.ParentRun);
                }

                return name;
            },
            cancellationToken);

    private async Task<IReadOnlyList<MlflowPair>> TagsAsync(
        RunDetails details,
        IReadOnlyDictionary<string, string> said,
        string experiment,
        MlflowTally tally,
        CancellationToken cancellationToken)
    {
        var run = details.Run;
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in details.Tags) tags[MlflowText.NameOf(name)] = value;
        tags["mlflow.runName"] = run.Id;
        tags["mlflow.source.type"] = "LOCAL";
        tags["mlflow.source.name"] = details.Environment?.Program ?? run.Lifecycle;
        if (details.Environment?.GitCommit is { } commit) tags["mlflow.source.git.commit"] = commit;
        if (details.Environment?.GitBranch is { } branch) tags["mlflow.source.git.branch"] = branch;
        if (details.Notes.Count > 0)
        {
            tags["mlflow.note.content"] = string.Join(
                "\n\n",
                details.Notes.Select(note => string.Create(CultureInfo.InvariantCulture, $"{note.At:u} {note.Actor}: {note.Text}")));
        }
        if (run.ParentRun is { } parent && await ParentAsync(parent, experiment, cancellationToken).ConfigureAwait(false) is { } there)
        {
            tags["mlflow.parentRunId"] = there;
        }
        tags[RunTag] = run.Id;
        tags["mlops.workspace"] = workspace.Id;
        tags["mlops.lifecycle"] = run.Lifecycle;
        tags["mlops.kind"] = run.Kind.ToString();
        tags["mlops.state"] = run.State.ToString();
        tags["mlops.cause"] = run.Cause;
        tags["mlops.seed"] = run.Seed.ToString(CultureInfo.InvariantCulture);
        if (run.Error is { } error) tags["mlops.error"] = error;
        if (run.ResultsFrom is { } other) tags["mlops.results_of"] = other;
        if (run.FromStage is { } stage) tags["mlops.from_stage"] = stage.ToString();
        foreach (var (name, value) in said) tags[name] = value;
        return [.. tags.Select(tag => new MlflowPair(tag.Key, MlflowText.Cut(tag.Value, MlflowText.LongestTag, ref tally.Cut)))];
    }

    private async Task<string?> ParentAsync(string parent, string experiment, CancellationToken cancellationToken)
    {
        if (_sent.TryGetValue(parent, out var known)) return known;
        return _sent[parent] = (await FindAsync(experiment, parent, cancellationToken).ConfigureAwait(false))?.Info!.RunId;
    }

    private async Task<(MlflowRun Run, bool IsNew)> FindOrCreateAsync(
        RunRecord run, string experiment, IReadOnlyList<MlflowPair> tags, CancellationToken cancellationToken)
    {
        var isNew = false;

        // With the tag by which it is found again; a name and a parent are shown by the server from the beginning.
        var first = tags.Where(tag => tag.Key is RunTag or "mlflow.runName" or "mlflow.parentRunId" or "mlops.workspace").ToArray();
        var found = await _client.FindOrPostAsync(
            end => FindAsync(experiment, run.Id, end),
            "runs/create",
            new MlflowRunRequest(experiment, MillisecondsOf(run.StartedAt) ?? 0, run.Id, first),
            MlflowJson.Default.MlflowRunRequest,
            MlflowJson.Default.MlflowRunAnswer,
            answer =>
            {
                isNew = true;
                return answer.Run ?? throw _client.Strange("runs/create", null);
            },
            cancellationToken).ConfigureAwait(false);
        return found.Info?.RunId is { Length: > 0 } ? (found, isNew) : throw _client.Strange("runs/create", null);
    }

    private async Task<MlflowRun?> FindAsync(string experiment, string id, CancellationToken cancellationToken)
    {
        var answer = await _client.PostAsync(
            "runs/search",
            new MlflowRunSearch([experiment], $"tags.`{RunTag}` = '{id}'", "ACTIVE_ONLY", 1),
            MlflowJson.Default.MlflowRunSearch,
            MlflowJson.Default.MlflowRunsAnswer,
            cancellationToken).ConfigureAwait(false);
        return answer.Runs is { Count: > 0 } runs
            ? runs[0]?.Info?.RunId is { Length: > 0 } ? runs[0] : throw _client.Strange("runs/search", null)
            : null;
    }

    private async Task<string> ExperimentAsync(string lifecycle, CancellationToken cancellationToken)
    {
        var cut = 0;
        var name = options.Experiment ?? MlflowText.Cut(lifecycle, MlflowText.LongestExperiment, ref cut);
        if (_experiments.TryGetValue(name, out var known)) return known;
        var id = await _client.FindOrPostAsync(
            async end =>
            {
                var found = await _client.FindAsync(
                    "experiments/get-by-name",
                    $"experiment_name={Uri.EscapeDataString(name)}",
                    MlflowJson.Default.MlflowExperimentAnswer,
                    end).ConfigureAwait(false);
                if (found?.Experiment?.LifecycleStage == "deleted")
                {
                    throw new MlflowRefusalException(
                        $"The experiment '{name}' of MLflow is deleted.",
                        "Restore it there, delete it permanently with 'mlflow gc', or export to another one by MlflowOptions.Experiment.");
                }
                return found is null ? null : found.Experiment?.ExperimentId ?? throw _client.Strange("experiments/get-by-name", null);
            },
            "experiments/create",
            new MlflowExperimentRequest(name),
            MlflowJson.Default.MlflowExperimentRequest,
            MlflowJson.Default.MlflowExperimentAnswer,
            answer => answer.ExperimentId ?? throw _client.Strange("experiments/create", null),
            cancellationToken).ConfigureAwait(false);
        return _experiments[name] = id;
    }

    private async Task LogAsync(
        string runId, RunDetails details, IReadOnlyList<MlflowPair> tags, MlflowTally tally, CancellationToken cancellationToken)
    {
        var parameters = details.Parameters.Select(
            each => new MlflowPair(
                MlflowText.NameOf(each.Key), MlflowText.Cut(each.Value, MlflowText.LongestParameter, ref tally.Cut)));
        foreach (var batch in MlflowBatches.Divide(parameters))
        {
            await LogBatchAsync(runId, [], batch, [], cancellationToken).ConfigureAwait(false);
        }
        foreach (var batch in MlflowBatches.Divide(tags))
        {
            await LogBatchAsync(runId, [], [], batch, cancellationToken).ConfigureAwait(false);
        }
    }

    // In the order in which they were logged, each batch with how far it goes: what is there is not sent again.
    private async Task LogMetricsAsync(
        string runId, IReadOnlyList<MetricRow> series, string? until, MlflowTally tally, CancellationToken cancellationToken)
    {
        var from = long.TryParse(until, CultureInfo.InvariantCulture, out var at) ? at : long.MinValue;
        var points = series.Where(point => point.At >= from)
            .OrderBy(point => point.At)
            .ThenBy(point => point.Name, StringComparer.Ordinal)
            .ThenBy(point => point.Step);
        foreach (var batch in points.Chunk(MlflowBatches.MostMetrics))
        {
            MlflowMetric[] metrics =
            [
                .. batch.Select(point => new MlflowMetric(
                    MlflowText.NameOf(point.Name), point.Value ?? double.NaN, MillisecondsOf(Ticks.ToTime(point.At)) ?? 0, point.Step)),
            ];
            await LogBatchAsync(
                runId,
                metrics,
                [],
                [new MlflowPair(MetricsTag, batch[^1].At.ToString(CultureInfo.InvariantCulture))],
                cancellationToken).ConfigureAwait(false);
            tally.Metrics += metrics.Length;
        }
    }

    private Task LogBatchAsync(
        string runId,
        IReadOnlyList<MlflowMetric> metrics,
        IReadOnlyList<MlflowPair> parameters,
        IReadOnlyList<MlflowPair> tags,
        CancellationToken cancellationToken) =>
        _client.PostAsync(
            "runs/log-batch",
            new MlflowBatch(runId, metrics, parameters, tags),
            MlflowJson.Default.MlflowBatch,
            cancellationToken);

    private async Task LogDatasetsAsync(string runId, RunDetails details, CancellationToken cancellationToken)
    {
        if (details.Datasets.Count == 0) return;
        MlflowDatasetInput[] inputs =
        [
            .. details.Datasets.Select(dataset => new MlflowDatasetInput(
                [new MlflowPair("mlflow.data.context", dataset.Role)],
                new MlflowDataset(
                    dataset.Name,
                    dataset.Hash[..Math.Min(LongestDigest, dataset.Hash.Length)],
                    "mlops",
                    StorageJson.WriteFields(
                        ("hash", dataset.Hash), ("rows", dataset.Rows.ToString(CultureInfo.InvariantCulture)))))),
        ];
        await _client.PostAsync(
            "runs/log-inputs", new MlflowInputs(runId, inputs), MlflowJson.Default.MlflowInputs, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task UploadAsync(string? artifactUri, RunDetails details, MlflowTally tally, CancellationToken cancellationToken)
    {
        var record = JsonSerializer.SerializeToUtf8Bytes(details, MlflowJson.Default.RunDetails);
        if (!Uri.TryCreate(artifactUri, UriKind.Absolute, out var root) || root.Scheme != ProxiedScheme)
        {
            tally.LeftOut += details.Artifacts.Count + 1;
            return;
        }
        await UploadAsync(
            RecordName, _ => Task.FromResult<Stream>(new MemoryStream(record, writable: false)), record.Length).ConfigureAwait(false);
        foreach (var artifact in details.Artifacts)
        {
            await UploadAsync(artifact.Name, end => OpenAsync(artifact, end), artifact.Length).ConfigureAwait(false);
        }

        async Task UploadAsync(string name, Func<CancellationToken, Task<Stream>> open, long length)
        {
            var path = string.Join('/', MlflowText.NameOf(name).Split('/').Select(Uri.EscapeDataString));
            await _client.UploadAsync($"{root.AbsolutePath.Trim('/')}/{path}", open, length, cancellationToken).ConfigureAwait(false);
            tally.Artifacts++;
        }
    }

    // A store that cannot be reached concerns all runs; one that lost an artifact concerns this one.
    private async Task<Stream> OpenAsync(RunArtifact artifact, CancellationToken cancellationToken)
    {
        if (await workspace.Artifacts.FindLossAsync(artifact.Id, cancellationToken).ConfigureAwait(false) is { } loss)
        {
            throw new MlflowRefusalException(
                $"The artifact '{artifact.Name}' cannot be sent. {loss}", "Restore it from a backup, then export again.");
        }
        return await workspace.Files.OpenAsync(artifact.Id, cancellationToken).ConfigureAwait(false);
    }

    private static string StatusOf(RunState state) => state switch
    {
        RunState.Succeeded or RunState.NothingNew => "FINISHED",
        RunState.Failed => "FAILED",
        RunState.Cancelled or RunState.Interrupted => "KILLED",
        _ => "RUNNING",
    };

    private static long? MillisecondsOf(DateTimeOffset? time) => time is { } at ? Math.Max(0, at.ToUnixTimeMilliseconds()) : null;
}
