using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Runs as they are in archives.</summary>
internal static class RunArchiving
{
    private const int PointsPerLine = 1_000;
    private const int MessagesPerLine = 200;

    /// <summary>Reads a run; <see langword="null"/> when it is in progress.</summary>
    /// <exception cref="MlOpsException">There is no such run, or its record is damaged.</exception>
    public static (ArchivedRun Run, IReadOnlyList<MetricRow> Metrics)? Read(DbConnection connection, string id, DateTimeOffset now)
    {
        var row = RunTable.Find(connection, id) ?? throw RunHistory.Unknown(id);
        var state = RunReading.StateOf(row, now);
        if (state == RunState.Running) return null;
        return StoredRecord.Read($"run '{id}'", () => (
            new ArchivedRun
            {
                Id = row.Id,
                Lifecycle = row.Lifecycle,
                Kind = row.Kind,
                State = state.ToString(),
                StartedAt = row.StartedAt,
                EndedAt = row.EndedAt,
                Seed = row.Seed,
                Cause = row.Cause,
                ParentRun = row.ParentRun,
                Error = row.Error,
                ResultsOf = row.ResultsOf,
                FromStage = row.FromStage,
                Starter = AuditedWork.Starter(connection, id),
                LogDropped = RunLogTable.Dropped(connection, row.No) is > 0 and var dropped ? dropped : null,
                Environment = ExperimentTable.Environment(connection, row.No),
                Parameters = Sorted(RunParameterTable.Read(connection, id)),
                Tags = Sorted(RunSearch.Tags(connection, [row.No])[row.No].ToDictionary(tag => tag.Name, tag => tag.Value)),
                Notes = [.. ExperimentTable.Notes(connection, row.No).Select(note => new ArchivedNote(note.At, note.Actor, note.Text))],
                Artifacts =
                [
                    .. ExperimentTable.Artifacts(connection, row.No).Select(
                        each => new ArchivedFile(each.Name, each.Artifact, each.Length, each.At)),
                ],
                Datasets =
                [
                    .. RunSearch.Datasets(connection, [row.No])[row.No].Select(
                        each => new ArchivedDataset(each.Name, each.Role, each.Rows, each.Hash, each.Columns)),
                ],
                Stages =
                [
                    .. RunReading.ToRecord(row, RunStageTable.Read(connection, [row.No])[row.No], now).Stages.Select(ToStage),
                ],
            },
            MetricTable.Read(connection, id, null)));
    }

    /// <summary>Reads the log of a run in pieces, each for a line, and the trials of its search.</summary>
    public static IReadOnlyList<ArchiveLine> Record(DbConnection connection, string id) =>
    [
        .. (RunTable.NumberOf(connection, id) is { } no ? RunLogTable.Read(connection, no, 0, 0, null, int.MaxValue) : [])
            .Select(row => new ArchivedLogEntry(
                row.No, row.At, row.Level, row.Event, Whole(row.EventName), Whole(row.Category)!, row.Stage, row.Message, row.ExceptionType,
                row.Exception, row.Size))
            .Chunk(MessagesPerLine)
            .Select(log => new ArchiveLine { Log = log }),
        .. SearchTrialTable.Read(connection, id)
            .Select(row => new ArchiveLine { Trial = new ArchivedTrial(row.Trial, row.Result) }),
    ];

    /// <summary>The series in pieces, each for a line.</summary>
    public static IEnumerable<ArchivedPoints> Points(IEnumerable<MetricRow> metrics) => metrics
        .GroupBy(metric => Whole(metric.Name)!, StringComparer.Ordinal)
        .SelectMany(series => series.Chunk(PointsPerLine).Select(points => new ArchivedPoints(
            series.Key,
            [.. points.Select(point => point.Step)],
            [.. points.Select(point => point.Value)],
            [.. points.Select(point => point.At)])));

    // Earlier versions of the library took names with a character that ends texts, which no archive may have.
    private static string? Whole(string? name) => name?.Replace('\0', '\uFFFD');

    /// <summary>Adds a run. Called under the write lock.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="parts">The run, with its series, its log and its trials.</param>
    /// <param name="isThere">Whether an artifact is there: what was released before is not referred to.</param>
    /// <param name="at">When it is imported.</param>
    /// <param name="importer">Who imports it.</param>
    public static void Insert(
        DbConnection connection, RunParts parts, Func<ArtifactId, bool> isThere, DateTimeOffset at, string importer)
    {
        var run = parts.Run;
        var no = RunTransferTable.Insert(connection, new RunRow
        {
            Id = run.Id,
            Lifecycle = run.Lifecycle,
            Kind = run.Kind,
            State = run.State,
            StartedAt = run.StartedAt,
            EndedAt = run.EndedAt,
            Seed = run.Seed,
            Cause = run.Cause,
            ParentRun = run.ParentRun,
            Error = run.Error,
            ResultsOf = run.ResultsOf,
            FromStage = run.FromStage,
            Environment = run.Environment is { } facts ? ExperimentTable.EnvironmentOf(connection, facts) : null,
        });
        foreach (var (name, value) in run.Parameters) RunParameterTable.Put(connection, no, name, value);
        foreach (var (name, value) in run.Tags) ExperimentTable.SetTag(connection, no, name, value);
        foreach (var note in run.Notes) ExperimentTable.AddNote(connection, no, ToRow(note));
        foreach (var each in run.Artifacts)
        {
            ExperimentTable.PutArtifact(
                connection, no, new RunArtifactRow { Name = each.Name, Artifact = each.Artifact, Length = each.Length, At = each.At });
        }
        foreach (var each in run.Datasets)
        {
            ExperimentTable.PutDataset(
                connection,
                no,
                new RunDatasetRow { Name = each.Name, Role = each.Role, Rows = each.Rows, Hash = each.Hash, Columns = each.Columns });
        }
        foreach (var stage in run.Stages) RunStageTable.Put(connection, ToRow(no, stage));
        foreach (var points in parts.Metrics.GroupBy(metric => metric.At))
        {
            MetricTable.Insert(
                connection,
                no,
                points.Key,
                points.Select(each => new MetricPoint(each.Name, each.Value ?? double.NaN, each.Step)).ToArray());
        }
        ArtifactRefTable.Add(connection, RunTracker.OwnerKind, run.Id, Artifacts(run).Where(isThere));
        if (run.Starter is { } starter) AuditedWork.Import(connection, at, run.Id, starter, run.StartedAt, importer);
        RunLogTable.Write(connection, no, parts.Log.ConvertAll(ToRow), [], [], run.LogDropped ?? 0);
        Insert(connection, no, parts.Trials);
    }

    /// <summary>Adds trials of the search of a run; those that are there stay. No search takes them over.</summary>
    public static void Insert(DbConnection connection, long run, IEnumerable<ArchivedTrial> trials)
    {
        foreach (var each in trials)
        {
            SearchTrialTable.Insert(connection, run, new SearchTrialRow { Trial = each.Trial, Result = each.Result });
        }
    }

    /// <summary>The artifacts that a run refers to, each once.</summary>
    public static IEnumerable<ArtifactId> Artifacts(ArchivedRun run) => run.Artifacts.Select(each => each.Artifact)
        .Concat(run.Stages.SelectMany(stage => stage.Outputs.Values))
        .Distinct(StringComparer.Ordinal)
        .Select(ArtifactId.Parse);

    /// <summary>
    /// What does not change of a run, as a hash: its tags and notes may, and what archives of format 1 do not have is compared apart.
    /// </summary>
    public static string ContentOf(ArchivedRun run, IEnumerable<MetricRow> metrics)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(new ArchiveLine
        {
            Run = run with
            {
                Tags = [],
                Notes = [],
                ResultsOf = null,
                FromStage = null,
                Starter = null,
                LogDropped = null,
                Parameters = Sorted(run.Parameters),
                Artifacts = [.. run.Artifacts.OrderBy(each => each.Name, StringComparer.Ordinal)],
                Datasets =
                [
                    .. run.Datasets.OrderBy(each => each.Role, StringComparer.Ordinal).ThenBy(each => each.Name, StringComparer.Ordinal),
                ],
                Stages = [.. run.Stages.OrderBy(stage => stage.Stage).Select(stage => stage with { Outputs = Sorted(stage.Outputs) })],
            },
        });
        var ordered = metrics.OrderBy(metric => metric.Name, StringComparer.Ordinal).ThenBy(metric => metric.Step);
        foreach (var points in Points(ordered)) Append(new ArchiveLine { Points = points });
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(ArchiveLine line) => hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(line, ArchiveJson.Default.ArchiveLine));
    }

    public static RunNoteRow ToRow(ArchivedNote note) => new() { At = note.At, Actor = note.Actor, Text = note.Text };

    public static RunLogRow ToRow(ArchivedLogEntry entry) => new()
    {
        No = entry.No,
        At = entry.At,
        Level = entry.Level,
        Event = entry.Event,
        EventName = entry.EventName,
        Category = entry.Category,
        Stage = entry.Stage,
        Message = entry.Message,
        ExceptionType = entry.ExceptionType,
        Exception = entry.Exception,
        Size = entry.Size,
    };

    private static ArchivedStage ToStage(StageRecord stage) => new(
        (int)stage.Stage, stage.State.ToString(), stage.Fingerprint, stage.Reason, stage.StartedAt?.UtcTicks, stage.Elapsed?.Ticks,
        stage.Error, Sorted(stage.Outputs.ToDictionary(output => output.Key, output => output.Value.Hex)));

    private static RunStageRow ToRow(long run, ArchivedStage stage) => new()
    {
        Run = run,
        Stage = stage.Stage,
        State = stage.State,
        Fingerprint = stage.Fingerprint,
        Reason = stage.Reason,
        StartedAt = stage.StartedAt,
        Elapsed = stage.Elapsed,
        Error = stage.Error,
        Outputs = StorageJson.WriteArtifacts(
            stage.Outputs.ToDictionary(output => output.Key, output => ArtifactId.Parse(output.Value), StringComparer.Ordinal)),
    };

    // A dictionary that nothing was removed from keeps the order in which it was filled.
    private static Dictionary<string, string> Sorted(IEnumerable<KeyValuePair<string, string>> pairs) =>
        pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
}
