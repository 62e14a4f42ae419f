using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Says which models there are, and what each reads and answers. Thread-safe.</summary>
internal sealed class ModelRoutes(ModelServer server)
{
    public Task ListAsync(HttpContext context, RequestTime time) =>
        ResponseBody.WriteAsync(context, StatusCodes.Status200OK, MediaTypes.Json, server.Slots, WriteList);

    public Task DescribeAsync(HttpContext context, RequestTime time)
    {
        var slot = server.SlotOf(context);
        var description = (slot.Name, Route: server.RouteOf(slot));
        return ResponseBody.WriteAsync(
            context, StatusCodes.Status200OK, MediaTypes.Json, description, static (to, it) => Write(to, it.Name, it.Route));
    }

    public Task OpenApiAsync(HttpContext context, RequestTime time)
    {
        var slot = server.SlotOf(context);
        var document = new OpenApiDocument(
            slot.Name, PathOf(context, "/openapi.json"), server.RouteOf(slot).Main.Live, server.Options);
        return ResponseBody.WriteAsync(
            context, StatusCodes.Status200OK, MediaTypes.Json, document, static (to, it) => it.Write(to));
    }

    private static string PathOf(HttpContext context, string without)
    {
        var path = (context.Request.PathBase + context.Request.Path).ToUriComponent();
        return path.EndsWith(without, StringComparison.OrdinalIgnoreCase) ? path[..^without.Length] : path;
    }

    private static void WriteList(IBufferWriter<byte> to, IReadOnlyList<ModelSlot> slots)
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
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(IBufferWriter<byte> to, string name, LiveRoute route)
    {
        using var json = new Utf8JsonWriter(to);
        var live = route.Main.Live;
        var (labels, threshold) = live.Package.Decision;
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteNumber("version"u8, live.Version);
        json.WriteString("contentHash"u8, live.Package.ContentHash);
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
        json.WriteStartArray("inputs"u8);
        foreach (var field in live.Package.Graph.Input)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, field.Name);
            json.WriteString("type"u8, field.Type.ToString());
            if (field.Type == ColumnType.Vector) json.WriteNumber("length"u8, field.Length);
            json.WriteBoolean("nullable"u8, true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteArm(Utf8JsonWriter json, LiveArm arm, double share, bool isShadow = false)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, arm.Name);
        json.WriteNumber("version"u8, arm.Live.Version);
        json.WriteNumber("share"u8, Math.Round(share, 9));
        if (isShadow) json.WriteBoolean("isShadow"u8, true);
        json.WriteEndObject();
    }
}
