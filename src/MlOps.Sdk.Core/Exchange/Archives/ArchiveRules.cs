using System.Text.Json;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>What records of an archive may be: what could not have come of a workspace is not taken into one.</summary>
internal static class ArchiveRules
{
    private const int LongestId = 100;
    private const int LongestText = 4 << 20;

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

    /// <exception cref="MlOpsException">The version is not one.</exception>
    public static void Check(ArchivedVersion version)
    {
        Require(
            ModelName.IsValid(version.Model) && version.Version > 0 && IsArtifact(version.Package) && IsArtifact(version.ContentHash)
                && (version.RunId is null || IsId(version.RunId)) && IsTime(version.CreatedAt) && IsText(version.Description ?? "")
                && version.Attestations is not null && IsMetrics(version.Metrics),
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

    private static bool IsText(string? text) => text is { Length: <= LongestText } && !text.Contains('\0', StringComparison.Ordinal);

    private static bool IsTime(long? ticks) => ticks is null || (ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks);
}
