using System.Data.Common;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>Rows of runs as records, with the state that is true now.</summary>
internal static class RunReading
{
    public static RunState StateOf(RunRow row, DateTimeOffset now)
    {
        var stored = StoredRecord.Read($"run '{row.Id}'", () => Enum.Parse<RunState>(row.State));
        return stored == RunState.Running && !RunOwner.IsAlive(row, now) ? RunState.Interrupted : stored;
    }

    public static RunRecord ToRecord(RunRow row, IEnumerable<RunStageRow> stages, DateTimeOffset now)
    {
        var state = StateOf(row, now);
        return StoredRecord.Read($"run '{row.Id}'", () => new RunRecord(
            row.Id, row.Lifecycle, state, Ticks.ToTime(row.StartedAt), Ticks.ToTime(row.EndedAt), row.Seed, row.Cause, row.ParentRun,
            row.Error
                ?? (state == RunState.Interrupted ? "The process ended before the run did, or sent no heartbeat for too long." : null),
            [.. stages.Select(stage => ToRecord(stage, state))])
        {
            Kind = Enum.Parse<RunKind>(row.Kind),
            ResultsFrom = row.ResultsOf,
            FromStage = (LifecycleStage?)row.FromStage,
        });
    }

    /// <summary>Runs with what they logged.</summary>
    public static IReadOnlyList<FoundRun> ToFound(DbConnection connection, IReadOnlyList<RunRow> rows, DateTimeOffset now)
    {
        long[] runs = [.. rows.Select(row => row.No)];
        var parameters = RunSearch.Parameters(connection, runs);
        var metrics = RunSearch.Metrics(connection, runs);
        var tags = RunSearch.Tags(connection, runs);
        return
        [
            .. rows.Select(row => StoredRecord.Read($"run '{row.Id}'", () => new FoundRun
            {
                Id = row.Id,
                Lifecycle = row.Lifecycle,
                Kind = Enum.Parse<RunKind>(row.Kind),
                State = StateOf(row, now),
                StartedAt = Ticks.ToTime(row.StartedAt),
                EndedAt = Ticks.ToTime(row.EndedAt),
                Cause = row.Cause,
                ParentRun = row.ParentRun,
                Error = row.Error,
                Parameters = parameters[row.No].ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal),
                Metrics = metrics[row.No].ToDictionary(each => each.Name, each => each.Value ?? double.NaN, StringComparer.Ordinal),
                Tags = tags[row.No].ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal),
            })),
        ];
    }

    public static RunDataset ToDataset(RunDatasetRow row) => new(row.Name, row.Role, row.Rows, row.Hash, row.Columns);

    public static RunLogEntry ToEntry(RunLogRow row) => new(
        row.No, Ticks.ToTime(row.At), (LogLevel)row.Level, row.Event, row.Category, row.Message)
    {
        EventName = row.EventName,
        Stage = (LifecycleStage?)row.Stage,
        ExceptionType = row.ExceptionType,
        Exception = row.Exception,
    };

    private static StageRecord ToRecord(RunStageRow row, RunState run)
    {
        var stored = Enum.Parse<StageState>(row.State);
        var abandoned = stored == StageState.Running && run != RunState.Running;
        return new StageRecord(
            (LifecycleStage)row.Stage, abandoned ? StageState.Failed : stored, row.Fingerprint, row.Reason, Ticks.ToTime(row.StartedAt),
            row.Elapsed is { } elapsed ? TimeSpan.FromTicks(elapsed) : null,
            row.Error ?? (abandoned ? "The run ended before the stage did." : null),
            StorageJson.ReadArtifacts(row.Outputs));
    }
}
