using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Writes what the registry has of releases as JSON.</summary>
internal static class ReleaseFormat
{
    public static void Write(IBufferWriter<byte> to, AliasChange change) => Write(to, change, Write);

    public static void Write(IBufferWriter<byte> to, TrafficSplit split) => Write(to, split, Write);

    public static void Write(IBufferWriter<byte> to, ModelSwitch turned) => Write(to, turned, Write);

    public static void Write(IBufferWriter<byte> to, ModelRollout rollout) => Write(to, rollout, Write);

    public static void Write(IBufferWriter<byte> to, ReceivedRelease received)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        json.WriteString("model"u8, received.Model);
        json.WriteNumber("version"u8, received.Version);
        json.WriteString("contentHash"u8, received.ContentHash);
        json.WriteString("promotedAt"u8, received.PromotedAt);
        json.WriteString("keyId"u8, received.KeyId);
        json.WriteBoolean("isNew"u8, received.IsNew);
        json.WriteNumber("liveVersion"u8, received.LiveVersion);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, AliasChange change)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, change.Model);
        json.WriteNumber("version"u8, change.Version);
        if (change.Previous is { } previous) json.WriteNumber("previous"u8, previous);
        WriteWho(json, change.At, change.Actor, change.Reason);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, TrafficSplit split)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, split.Model);
        json.WriteStartArray("arms"u8);
        foreach (var arm in split.Arms)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, arm.Name);
            json.WriteNumber("version"u8, arm.Version);
            json.WriteNumber("share"u8, arm.Share);
            if (arm.IsShadow) json.WriteBoolean("isShadow"u8, true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("liveShare"u8, split.LiveShare);
        json.WriteNumber("generation"u8, split.Generation);
        WriteWho(json, split.At, split.Actor, split.Reason);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ModelSwitch turned)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, turned.Model);
        json.WriteBoolean("stopped"u8, turned.IsStopped);
        WriteWho(json, turned.At, turned.Actor, turned.Reason);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, FallbackChange change)
    {
        json.WriteStartObject();
        if (change.Fallback?.Version is { } version) json.WriteNumber("version"u8, version);
        if (change.Fallback?.Answer is { } answer)
        {
            if (answer.Score is { } score) json.WriteNumber("score"u8, score);
            if (answer.Label is { } label) json.WriteString("label"u8, label);
        }
        json.WriteNumber("generation"u8, change.Generation);
        WriteWho(json, change.At, change.Actor, change.Reason);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ModelRollout rollout)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, rollout.Id);
        json.WriteNumber("version"u8, rollout.Version);
        json.WriteNumber("liveVersion"u8, rollout.LiveVersion);
        json.WriteString("strategy"u8, rollout.Strategy);
        json.WriteString("state"u8, rollout.State.ToString());
        json.WriteNumber("share"u8, rollout.Share);
        json.WriteString("startedAt"u8, rollout.StartedAt);
        json.WriteStartArray("findings"u8);
        foreach (var finding in rollout.Findings)
        {
            json.WriteStartObject();
            json.WriteString("guard"u8, finding.Guard);
            json.WriteString("state"u8, finding.State.ToString());
            json.WriteString("sentence"u8, finding.Sentence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteWho(json, rollout.At, rollout.Actor, rollout.Reason);
        json.WriteEndObject();
    }

    private static void Write<T>(IBufferWriter<byte> to, T value, Action<Utf8JsonWriter, T> write)
    {
        using var json = new Utf8JsonWriter(to);
        write(json, value);
    }

    private static void WriteWho(Utf8JsonWriter json, DateTimeOffset at, string actor, string reason)
    {
        json.WriteString("at"u8, at);
        json.WriteString("actor"u8, actor);
        json.WriteString("reason"u8, reason);
    }
}
