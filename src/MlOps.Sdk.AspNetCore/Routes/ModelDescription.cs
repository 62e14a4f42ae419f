using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>What a model reads and answers, with each of its arms, and whether it is stopped.</summary>
/// <param name="slot">The model.</param>
/// <param name="route">What answers its calls.</param>
/// <param name="mayRelease">Whether the caller may change releases, and may therefore know who stopped it and why.</param>
internal sealed class ModelDescription(ModelSlot slot, LiveRoute route, bool mayRelease)
{
    /// <summary>Who signed the live version, for those who may change releases; <see langword="null"/> where it is not known.</summary>
    public string? KeyId { get; init; }

    public static void WriteList(IBufferWriter<byte> to, IReadOnlyList<ModelSlot> slots, bool mayRelease)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        json.WriteStartArray("models"u8);
        foreach (var slot in slots)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, slot.Name);
            json.WriteBoolean("live"u8, slot.CanAnswer);
            if (slot.Current is { } live) json.WriteNumber("version"u8, live.Version);
            WriteState(json, slot, mayRelease, hasInputs: false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void Write(IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to);
        var live = route.Main.Live;
        var (labels, threshold) = live.Package.Decision;
        json.WriteStartObject();
        json.WriteString("name"u8, slot.Name);
        json.WriteBoolean("live"u8, slot.CanAnswer);
        json.WriteNumber("version"u8, live.Version);
        json.WriteString("contentHash"u8, live.Package.ContentHash);
        if (KeyId is not null) json.WriteString("keyId"u8, KeyId);
        WriteState(json, slot, mayRelease, hasInputs: true);
        json.WriteStartArray("arms"u8);
        var before = 0.0;
        foreach (var arm in route.Arms)
        {
            WriteArm(json, arm, arm.Until - before);
            before = arm.Until;
        }

        WriteArm(json, route.Main, Math.Max(0, 1 - before));
        foreach (var (shadow, share) in route.Shadows) WriteArm(json, new LiveArm(shadow.Name, shadow.Live, 0), share, isShadow: true);
        json.WriteEndArray();
        json.WriteString("task"u8, labels.Task.ToString());
        json.WriteString("label"u8, labels.Label);
        if (labels.Task != TaskKind.Regression)
        {
            json.WriteStartArray("classes"u8);
            foreach (var label in labels.Classes) json.WriteStringValue(label);
            json.WriteEndArray();
        }
        if (labels.Task == TaskKind.BinaryClassification)
        {
            json.WriteString("positive"u8, labels.Classes[1]);
            json.WriteNumber("threshold"u8, threshold);
        }
        WriteInputs(json, live);
        json.WriteEndObject();
    }

    // Whoever may predict sees that a model is stopped at its answers. Who did it and why is for those who may do it.
    private static void WriteState(Utf8JsonWriter json, ModelSlot slot, bool mayRelease, bool hasInputs)
    {
        if (slot.Stopped is { } stop)
        {
            json.WriteStartObject("stopped"u8);
            json.WriteString("since"u8, stop.At);
            if (mayRelease)
            {
                json.WriteString("actor"u8, stop.Actor);
                json.WriteString("reason"u8, stop.Reason);
            }
            json.WriteEndObject();
        }
        if (slot.StandIn is not { } standIn) return;
        json.WriteStartObject("fallback"u8);
        json.WriteString("kind"u8, standIn switch
        {
            { Live: not null } => "version"u8,
            { Answer: not null } => "constant"u8,
            _ => "rule"u8,
        });
        if (standIn.Live is { } live)
        {
            json.WriteNumber("version"u8, live.Version);
            if (hasInputs) WriteInputs(json, live);
        }
        json.WriteEndObject();
    }

    private static void WriteArm(Utf8JsonWriter json, LiveArm arm, double share, bool isShadow = false)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, arm.Name);
        json.WriteNumber("version"u8, arm.Live.Version);
        json.WriteNumber("share"u8, Math.Round(share, 9));
        if (isShadow) json.WriteBoolean("isShadow"u8, true);
        WriteInputs(json, arm.Live);
        json.WriteEndObject();
    }

    private static void WriteInputs(Utf8JsonWriter json, LiveModel live)
    {
        var input = live.Package.Graph.Input;
        json.WriteStartArray("inputs"u8);
        for (var i = 0; i < input.Count; i++)
        {
            var field = input[i];
            json.WriteStartObject();
            json.WriteString("name"u8, field.Name);
            json.WriteString("type"u8, field.Type.ToString());
            if (field.Type == ColumnType.Vector) json.WriteNumber("length"u8, field.Length);
            json.WriteBoolean("nullable"u8, true);
            json.WriteBoolean("required"u8, IsRequired(live.Package.InputRules, i));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Whether a row must have a column: the input contract may take rows without it.</summary>
    public static bool IsRequired(InputRules? rules, int column) =>
        rules?.Columns[column].MissingColumn is null or InputHandling.Accept or InputHandling.Reject;
}
