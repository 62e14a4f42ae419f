using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>What records of an archive may be: what could not have come of a workspace is not taken into one.</summary>
internal static class ArchiveRules
{
    private const int LongestId = 100;
    private const int LongestText = 4 << 20;
    private const int LongestActor = 10_000;
    private const int LongestLogName = 1_000;
    private const int LongestLogText = 10_000;
    private const int LongestTypeName = 100_000;
    private const int LargestVersion = 1_000_000_000;

    /// <summary>How much of the bound of its run a message takes at most.</summary>
    public const int LongestLogSize = 100_000;

    /// <exception cref="MlOpsException">The run is not one.</exception>
    public static void Check(ArchivedRun run)
    {
        var name = IsId(run.Id) ? $"the run '{run.Id}'" : "a run";
        Require(IsId(run.Id), name, "its id");
        Require(IsName(run.Lifecycle), name, "its name");
        Require(IsOne<RunKind>(run.Kind), name, "its kind");
        Require(IsOne<RunState>(run.State) && run.State != nameof(RunState.Running), name, "its state");
        Require(IsTime(run.StartedAt) && IsTime(run.EndedAt), name, "its times");
        Require(run.ParentRun is null || IsId(run.ParentRun), name, "its parent");
        Require(run.ResultsOf is null || IsId(run.ResultsOf), name, "the run whose results it took");
        Require(IsStage(run.FromStage), name, "the stage it began with");
        Require(run.Starter is null || IsActor(run.Starter), name, "who started it");
        Require(run.LogDropped is null or >= 0, name, "its log");
        Require(IsText(run.Cause) && IsText(run.Error ?? ""), name, "its cause or error");
        Require(run.Parameters?.All(each => IsName(each.Key) && IsText(each.Value)) == true, name, "its parameters");
        Require(run.Tags?.All(each => IsName(each.Key) && IsText(each.Value)) == true, name, "its tags");
        Require(run.Notes?.All(IsNote) == true, name, "its notes");
        Require(run.Artifacts?.All(IsFile) == true, name, "its artifacts");
        Require(run.Datasets?.All(IsDataset) == true, name, "its datasets");
        Require(
            run.Stages?.All(IsStage) == true && run.Stages.DistinctBy(each => each.Stage).Count() == run.Stages.Count,
            name,
            "its stages");
        Require(run.Environment is null || IsEnvironment(run.Environment), name, "its environment");
    }

    /// <exception cref="MlOpsException">The points are none.</exception>
    public static void Check(ArchivedPoints points) => Require(
        IsName(points.Name) && points.Steps is not null && points.Values?.Length == points.Steps.Length
            && points.At?.Length == points.Steps.Length && points.At.All(at => IsTime(at)),
        "a metric",
        "its points");

    /// <exception cref="MlOpsException">The message is none.</exception>
    public static void Check(ArchivedLogEntry? entry) => Require(
        entry is { No: > 0, Level: >= (int)LogLevel.Trace and <= (int)LogLevel.Critical, Size: >= 0 and <= LongestLogSize }
            && IsTime(entry.At) && IsStage(entry.Stage) && IsText(entry.Category, LongestLogName)
            && IsText(entry.EventName ?? "", LongestLogName) && IsText(entry.Message, LongestLogText)
            && IsText(entry.Exception ?? "", LongestLogText) && IsText(entry.ExceptionType ?? "", LongestTypeName),
        "a message of a log",
        "its text, level or place");

    /// <exception cref="MlOpsException">The trial is none.</exception>
    public static void Check(ArchivedTrial trial) =>
        Require(IsId(trial.Trial) && IsTrial(trial.Result), "a trial", "its result");

    /// <exception cref="MlOpsException">What is said of a model cannot be.</exception>
    public static void Check(ArchivedCatalogEntry entry) => Require(
        ModelName.IsValid(entry.Model) && entry.Version is >= 0 and <= LargestVersion && IsTime(entry.At) && IsActor(entry.Actor)
            && IsText(entry.Reason, RunText.LongestValue) && entry.Property switch
            {
                RegistryTable.Tag => IsName(entry.Name) && IsText(entry.Name, RunText.LongestName)
                    && IsText(entry.Value, RunText.LongestValue),
                RegistryTable.Description => entry.Name is "" && IsText(entry.Value, RunText.LongestNote)
                    && (entry.Version > 0 || entry.Value.Length > 0),
                RegistryTable.Archived => entry is { Name: "", Value: "true", Version: > 0 },
                _ => false,
            },
        ModelName.IsValid(entry.Model) ? $"what is said of '{entry.Model}'" : "what is said of a model",
        "its text or property");

    /// <exception cref="MlOpsException">The version is not one.</exception>
    public static void Check(ArchivedVersion version)
    {
        Require(
            ModelName.IsValid(version.Model) && version.Version is > 0 and <= LargestVersion
                && IsArtifact(version.Package) && IsArtifact(version.ContentHash)
                && (version.RunId is null || IsId(version.RunId)) && IsTime(version.CreatedAt) && IsText(version.Description ?? "")
                && version.Attestations is not null && IsMetrics(version.Metrics)
                && (version.Deletion is not { } deletion
                    || (IsTime(deletion.At) && IsActor(deletion.Actor) && IsText(deletion.Reason, RunText.LongestValue))),
            ModelName.IsValid(version.Model) ? $"a version of '{version.Model}'" : "a version",
            "its record");
    }

    /// <exception cref="MlOpsException">The entry is not one of an audit log.</exception>
    public static void Check(ArchivedAudit entry) => Require(
        IsTime(entry.At) && IsText(entry.Actor) && IsText(entry.Action) && IsText(entry.Subject) && IsText(entry.Details)
            && IsText(entry.Hash) && IsText(entry.Previous),
        "an entry of the audit log",
        "its text");

    private static void Require(bool holds, string what, string part)
    {
        if (!holds) throw ArchiveReader.Damaged($"{what} cannot have come of a workspace, because of {part}");
    }

    private static bool IsNote(ArchivedNote? note) =>
        note is not null && IsTime(note.At) && IsText(note.Actor) && IsText(note.Text);

    private static bool IsFile(ArchivedFile? file) =>
        file is { Length: >= 0 } && IsName(file.Name) && IsArtifact(file.Artifact) && IsTime(file.At);

    private static bool IsDataset(ArchivedDataset? dataset) =>
        dataset is { Rows: >= 0 } && IsName(dataset.Name) && IsName(dataset.Role) && IsText(dataset.Hash) && IsText(dataset.Columns);

    private static bool IsStage(int? stage) => stage is null || Enum.IsDefined((LifecycleStage)stage);

    private static bool IsStage(ArchivedStage? stage) =>
        stage is not null && Enum.IsDefined((LifecycleStage)stage.Stage) && IsOne<StageState>(stage.State)
        && stage.State != nameof(StageState.Running) && IsText(stage.Fingerprint ?? "") && IsText(stage.Reason ?? "")
        && IsText(stage.Error ?? "") && IsTime(stage.StartedAt) && stage.Elapsed is null or >= 0
        && stage!.Outputs?.All(output => IsName(output.Key) && IsArtifact(output.Value)) == true;

    private static bool IsEnvironment(string json)
    {
        try
        {
            return IsText(json) && TrackingJson.Read(json) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsTrial(string? json)
    {
        try
        {
            return IsText(json) && JsonSerializer.Deserialize(json!, TrainingJson.Default.Leaderboard) is { Trials: [{ } trial] } board
                && IsName(board.Metric) && Enum.IsDefined(board.Direction) && trial.Guards.All(guard => guard is not null)
                && trial.FoldMetrics.Values.All(folds => folds is not null);
        }
        catch (Exception e) when (e is JsonException || StoredRecord.IsDamage(e) || e is InvalidOperationException or MlOpsException)
        {
            return false;
        }
    }

    private static bool IsMetrics(string? json)
    {
        try
        {
            return json is not null && RegistryJson.ReadMetrics(json).Count >= 0;
        }
        catch (Exception e) when (e is JsonException || StoredRecord.IsDamage(e) || e is InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsArtifact(string? text) => ArtifactId.TryParse(text, out _);

    private static bool IsOne<T>(string? text)
        where T : struct, Enum => text is not null && Array.IndexOf(Enum.GetNames<T>(), text) >= 0;

    private static bool IsId(string? text) =>
        text is { Length: > 0 and <= LongestId } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool IsName(string? text) => !string.IsNullOrWhiteSpace(text) && IsText(text);

    private static bool IsActor(string? text) => !string.IsNullOrWhiteSpace(text) && IsText(text, LongestActor);

    private static bool IsText(string? text, int longest = LongestText) =>
        text is not null && text.Length <= longest && !text.Contains('\0', StringComparison.Ordinal);

    private static bool IsTime(long? ticks) => ticks is null || (ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks);
}
